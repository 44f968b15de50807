"""The virtual environment with Django and the servers."""

import fcntl
import hashlib
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from launcher.failure import LACKING, Failure

SOURCE = Path(__file__).resolve().parent.parent
TARGET = SOURCE.parent.parent / "target"
VENV = TARGET / "djangoshop-venv"
REQUIREMENTS = SOURCE / "requirements.txt"


@contextmanager
def locked(name):
    """Keeps others that are started at the same time from making the same thing."""
    TARGET.mkdir(exist_ok=True)
    with open(TARGET / f"{name}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def python():
    """The environment's Python; makes the environment if the requirements have changed."""
    if sys.version_info < (3, 11):
        raise Failure("the shop needs Python 3.11 or later", LACKING)
    stamp = VENV / "requirements.sha256"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    wanted = hashlib.sha256(version.encode() + REQUIREMENTS.read_bytes()).hexdigest()
    with locked(VENV.name):
        usable = Path(tool("python")).exists() and stamp.exists()
        if not usable or stamp.read_text() != wanted:
            print(f"serve: making {VENV}, this takes a minute", file=sys.stderr, flush=True)
            run(sys.executable, "-m", "venv", "--clear", VENV)
            options = ["--quiet", "--disable-pip-version-check", "--no-input", "--prefer-binary"]
            pip = [tool("python"), "-m", "pip", "install", *options]
            run(*pip, "--require-hashes", "-r", REQUIREMENTS)
            stamp.write_text(wanted)
    return tool("python")


def tool(name):
    """Path of a program in the environment."""
    return str(VENV / "bin" / name)


def run(*command):
    """Runs one step of making the environment."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Failure(f"cannot make the virtual environment {VENV}:\n{done.stdout}", LACKING)
