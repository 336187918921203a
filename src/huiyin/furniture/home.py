"""What needs somebody today: each room says it for its own things."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Actor

#: How urgent a task is: its tones from the most urgent on, and what the badge of each says.
URGENCY: dict[str, str | Promise] = {
    "overdue": _("Overdue"),
    "due": _("Due today"),
    "near": _("Due soon"),
    "": "",
}


@dataclass(frozen=True)
class Task:
    """Something that waits for the person who looks.

    Attributes:
        title: what is to be done.
        url: where.
        count: how many of it.
        tone: "" (plain), "near", "due" or "overdue".
        detail: one more line.
    """

    title: str | Promise
    url: str
    count: int | None = None
    tone: str = ""
    detail: str | Promise = ""

    @property
    def state(self) -> str | Promise:
        """What the badge says."""
        return URGENCY[self.tone]


Provider = Callable[[Actor, datetime], Iterable[Task]]
_PROVIDERS: list[Provider] = []


def add_provider(provider: Provider) -> None:
    """Let a room name the tasks of an actor; called when the room is made ready."""
    if provider not in _PROVIDERS:
        _PROVIDERS.append(provider)


def tasks_for(actor: Actor, now: datetime) -> list[Task]:
    """All that waits for the actor, the most urgent first."""
    tasks = [task for provider in _PROVIDERS for task in provider(actor, now)]
    urgency = list(URGENCY)
    return sorted(tasks, key=lambda task: urgency.index(task.tone))
