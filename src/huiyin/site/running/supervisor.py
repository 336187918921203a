"""Children that are started again when they crash, and all stopped at the end."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import dataclass

from huiyin.site.running.processes import told_group
from huiyin.site.running.words import say

#: Seconds before a child that crashed is started again: doubled each time, up to the longest.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
#: A child that ran this long was healthy; its next crash counts as the first.
HEALTHY_AFTER = 60.0


@dataclass
class Child:
    """A process to keep running.

    Attributes:
        name: what people call it.
        command: what starts it.
    """

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    pause: float = FIRST_PAUSE
    started: float = 0.0
    again_at: float | None = None

    def start(self) -> None:
        """Start it in a group of its own: Ctrl-C on the console is ours to pass on."""
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self.started, self.again_at = time.monotonic(), None

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def keep(self, now: float) -> None:
        """Start it again if it crashed and has waited long enough.

        Args:
            now: seconds of the monotonic clock.
        """
        if not self.ended():
            return
        if self.again_at is None:
            self._plan(now)
        elif now >= self.again_at:
            self.start()

    def _plan(self, now: float) -> None:
        assert self.process is not None
        told_group(self.process.pid, signal.SIGKILL)  # what it left behind
        if now - self.started >= HEALTHY_AFTER:
            self.pause = FIRST_PAUSE
        self.again_at = now + self.pause
        status, pause = self.process.returncode, self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)
        print(
            say(
                f"{self.name} ended with status {status}; it is started again in {pause:g} s.",
                f"{self.name} 异常退出（状态 {status}），{pause:g} 秒后重新启动。",
            ),
            file=sys.stderr,
        )


def stop_all(children: list[Child], *, within: float) -> None:
    """Ask all to stop, wait, then end whatever is left of them and of what they started."""
    living = [child.process for child in children if child.process is not None]
    for process in living:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    until = time.monotonic() + within
    try:
        for process in living:
            process.wait(max(0.0, until - time.monotonic()))
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        pass
    finally:
        for process in living:
            told_group(process.pid, signal.SIGKILL)
            process.wait()
