"""What a server says about itself: how loaded it is, and what one request took of it.

Used by the shop and by the web services; it needs no Django.
"""

import os
import sys
import threading
import time
from datetime import datetime

import psutil


class Gauge:
    """CPU and memory of the machine, cheap enough to be read in every purchase.

    Processor time is counted from one sample to the next. The kernel counts it in ticks of 10 ms,
    so samples closer together than INTERVAL would be noise: within it the last reading stands, and
    reading costs nothing. Nothing ever sleeps for a sample.
    """

    INTERVAL = 0.1

    def __init__(self):
        self._start()
        os.register_at_fork(after_in_child=self._start)

    def _start(self):
        self._lock = threading.Lock()
        self._sampled = time.perf_counter()
        self._busy, self._total = self._cpu_seconds()
        self._reading = (None, self._megabytes_used())

    def read(self):
        """Percent of the CPU in use (None until there is a first interval) and megabytes used."""
        # Nobody waits for a sample that another takes, unless there is none yet.
        if self._lock.acquire(blocking=self._reading[0] is None):
            try:
                if time.perf_counter() - self._sampled >= self.INTERVAL:
                    self._sample()
            finally:
                self._lock.release()
        return self._reading

    def _sample(self):
        busy, total = self._cpu_seconds()
        if total > self._total:
            percent = 100 * (busy - self._busy) / (total - self._total)
            self._reading = (round(min(max(percent, 0.0), 100.0), 1), self._megabytes_used())
        self._sampled, self._busy, self._total = time.perf_counter(), busy, total

    @staticmethod
    def _cpu_seconds():
        times = psutil.cpu_times()
        # Linux counts the time of guests in user and nice already.
        total = sum(times) - getattr(times, "guest", 0) - getattr(times, "guest_nice", 0)
        return total - times.idle - getattr(times, "iowait", 0), total

    @staticmethod
    def _megabytes_used():
        return round(psutil.virtual_memory().used / 1e6, 1)


gauge = Gauge()


def shares_thread():
    """Whether gevent has made threads into greenlets."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and monkey.is_module_patched("threading")


class Stopwatch:
    """Times one request, from its receipt to the report."""

    def __init__(self):
        self._started_time = datetime.now()
        self._started = time.perf_counter()
        self._count_cpu()

    def enter(self):
        """Called where the request's work begins: takes a sample of the machine if one is due,
        and counts CPU time in this thread if the request was received in another (ASGI)."""
        if self._thread != threading.get_ident():
            self._count_cpu()
        gauge.read()

    def _count_cpu(self):
        self._thread = threading.get_ident()
        self._cpu_started = time.thread_time()

    def report(self, error_msg="", rest=None):
        """The report that a profiled purchase answers with. `rest` is the second server's.

        `cpu_seconds` is this thread's. Under gevent it is None: there all requests share a thread,
        and what others computed while this one waited would be counted too.
        """
        cpu_seconds = None
        if not shares_thread():
            cpu_seconds = round(time.thread_time() - self._cpu_started, 6)
        elapsed = time.perf_counter() - self._started
        stopped_time = datetime.now()
        cpu_usage, memory_usage = gauge.read()
        report = {
            "cpu_seconds": cpu_seconds,
            "cpu_usage": cpu_usage,
            "elapsed_seconds": round(elapsed, 6),
            "error_msg": error_msg,
            "memory_usage": memory_usage,
            "result": not error_msg,
            "started_time": self._started_time.isoformat(timespec="microseconds"),
            "stopped_time": stopped_time.isoformat(timespec="microseconds"),
        }
        if rest is not None:
            report["rest"] = rest
        return report
