"""What can be said of a job from the facts that are stored."""

from __future__ import annotations

from datetime import datetime, timedelta

#: Below this nothing is said of the end: the first steps say little of the rest.
ENOUGH = 5


def estimated_end(started: datetime | None, percent: int, now: datetime) -> datetime | None:
    """When a running job ends if it goes on as it went; None = too early to say."""
    if started is None or not ENOUGH <= percent < 100 or now <= started:
        return None
    return now + (now - started) * (100 - percent) / percent


def rounded(left: timedelta) -> tuple[int, str]:
    """A time left, as people say it: a number and ``second`` or ``minute``, never too little."""
    seconds = max(0, left.total_seconds())
    if seconds <= 50:
        return max(10, int(-(-seconds // 10) * 10)), "second"
    return int(-(-seconds // 60)), "minute"
