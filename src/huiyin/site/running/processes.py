"""Processes of the system: whose they are, when they die, how they are asked to stop."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil  # type: ignore[import-untyped]

#: prctl(2): which signal a process gets when its parent dies. Linux only.
PR_SET_PDEATHSIG = 1


def dies_with(parent: int, how: signal.Signals) -> Callable[[], None] | None:
    """What a child does before it begins, so that it gets a signal when its parent dies.

    None where the system has no such thing; children then watch for their parent themselves.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # looked up here: the child must not load

    def bind() -> None:
        prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os.kill(os.getpid(), how)

    return bind


def runs(pid: int, name: str) -> bool:
    """Whether a process of that name lives under the number."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and name in process.name()
    except psutil.Error:
        return False


def told(pid: int, what: signal.Signals) -> None:
    """Send a signal; a process that is gone needs none."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, what)


def gone(pid: int, within: float) -> bool:
    """Wait until a process is gone; whether it is."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return True  # ended; its parent reaps it
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def ensure_user(name: str) -> None:
    """Make a system user without sign-in, if there is none.

    Raises:
        OSError: it cannot be made.
    """
    import pwd

    try:
        pwd.getpwnam(name)
    except KeyError:
        made = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
        done = subprocess.run(made, capture_output=True, text=True)
        if done.returncode not in (0, 9):  # 9: somebody else made it just now
            raise OSError(f"useradd: {done.stderr.strip()}") from None


def let_through(path: Path) -> None:
    """Let every user pass (not read) the folders above a path; as root, for another user's sake."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o011)


def watch_parent(parent: int, *, grace: float, every: float = 0.5) -> None:
    """Stop this process when its parent is gone, however the parent ended.

    Args:
        grace: seconds from being asked to stop until it is ended without asking.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(every)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(grace)
        os._exit(1)  # it cannot stop by itself, as when the database went with the parent

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()


def told_group(leader: int, what: signal.Signals) -> None:
    """Send a signal to all processes of a group; a group that is gone needs none."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, what)
