"""What a running job says of itself, and how it hears that it should stop."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from django.utils.functional import Promise

from huiyin.audit.acts import SYSTEM, Actor


class Cancelled(Exception):
    """Somebody asked the job to stop; raised where it next tells its progress."""


class Released(Exception):
    """The worker stops; the job goes back to the queue, or fails if it cannot be resumed."""


class Asked(Enum):
    """What a job hears when it tells its progress."""

    GO_ON = "go on"
    CANCEL = "cancel"
    RELEASE = "release"


#: Told percent, phase and message (None = as before); answers whether to go on.
Tell = Callable[[int, str | None, str | None], Asked]


def _nobody(percent: int, phase: str | None, message: str | None) -> Asked:
    return Asked.GO_ON


class Progress:
    """Given to a job; called as ``progress(percent, phase=..., message=...)`` between its steps.

    Attributes:
        actor: for whom the job works, with the roles held now.
    """

    def __init__(self, actor: Actor = SYSTEM, tell: Tell = _nobody) -> None:
        self.actor, self._tell = actor, tell

    def __call__(
        self,
        percent: float,
        *,
        phase: str | Promise | None = None,
        message: str | Promise | None = None,
    ) -> None:
        """Tell how far it is.

        Args:
            percent: of the whole work, 0–100.

        Raises:
            Cancelled: somebody asked the job to stop.
            Released: the worker stops.
        """
        whole = min(100, max(0, int(percent)))
        said = [None if text is None else str(text) for text in (phase, message)]
        answer = self._tell(whole, *said)
        if answer is Asked.CANCEL:
            raise Cancelled
        if answer is Asked.RELEASE:
            raise Released
