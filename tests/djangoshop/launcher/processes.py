"""Starting, watching and stopping processes, so that none outlives `serve` (Linux only).

`serve` is two processes. The one that the caller knows only waits for the other, which does all the
work. The second gets SIGTERM when the first dies, even by SIGKILL, and cleans up. Both adopt
orphans: whatever loses its parent on the way (workers of a server that was killed) comes to them,
and is killed before they end.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from launcher.failure import Failure
from launcher.venv import SOURCE

START_SECONDS = 60
STOP_SECONDS = 3
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

libc = ctypes.CDLL(None)


def guarded(work):
    """Runs `work` in the second process and ends with its exit code."""
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    first = os.getpid()
    second = os.fork()
    if second:
        _on_stop_signals(lambda *_: os.kill(second, signal.SIGTERM))
        _, status = os.waitpid(second, 0)
    else:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != first:
            sys.exit(1)
        _on_stop_signals(_exit)
        try:
            work()
        finally:
            kill_children()
        sys.exit(0)
    ignore_signals()
    kill_children()
    sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1)


def _on_stop_signals(handler):
    for number in STOP_SIGNALS:
        signal.signal(number, handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def _exit(*_):
    ignore_signals()
    sys.exit(0)


def ignore_signals():
    """From here on, cleaning up must not be interrupted."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def children(parent):
    """The processes whose parent is `parent`."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return sorted(found)


def workers(parent):
    """The worker processes of the server whose main process is `parent`."""
    return [
        pid
        for pid in children(parent)
        if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def kill_children():
    """Kills what this process has started or adopted, and what that leaves behind, and so on."""
    while pids := children(os.getpid()):
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


class Group:
    """The servers that run together."""

    def __init__(self):
        self.env = dict(os.environ)
        self._logs = None
        self._started = []  # (name, process, signal to stop it with), in order

    def prepare(self, logs):
        """Says where logs are written to."""
        self._logs = logs

    def spawn(self, name, command, stop=signal.SIGTERM, **options):
        """Starts a server in its own process group; its output goes to `name`.log."""
        with open(self._log(name), "ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=SOURCE,
                env=self.env,
                start_new_session=True,
                preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
                **options,
            )
        self._started.append((name, process, stop))

    def processes(self):
        """Name and main process of each server."""
        return [(name, process) for name, process, _ in self._started]

    def until(self, ready, what):
        """Waits until `ready()` is true, as long as every server lives."""
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            self._check(self._started)
            if time.monotonic() > deadline:
                tails = "".join(self._tail(name) for name, _ in self.processes())
                raise Failure(f"{what} does not answer as it should{tails}")
            time.sleep(0.01)
        self._check(self._started)

    def wait(self, stdin=None):
        """Waits until `stdin` ends, or the server that listens for shoppers (the last one) dies,
        which is a failure. Others may be killed by a test that wants to see what the shop answers
        then."""
        while True:
            readable, _, _ = select.select([stdin] if stdin else [], [], [], 0.5)
            if readable and not os.read(stdin.fileno(), 4096):
                return
            self._check(self._started[-1:])

    def stop(self):
        """Stops the servers, the last one first."""
        for _, process, stop in reversed(self._started):
            if process.poll() is None:
                process.send_signal(stop)
                try:
                    process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
        self._started.clear()

    def _check(self, servers):
        for name, process, _ in servers:
            if process.poll() is not None:
                raise Failure(f"{name} ended with {process.returncode}{self._tail(name)}")

    def _log(self, name):
        return self._logs / f"{name}.log"

    def _tail(self, name):
        lines = self._log(name).read_text(errors="replace").splitlines()[-25:]
        return "\n".join(["", f"--- end of {self._log(name)}:", *lines])
