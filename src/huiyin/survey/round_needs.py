"""What later rooms must say before a round moves on: each room registers its own facts.

A step that needs a fact which no room provides does not pass, and says so: nothing pretends that a
field is over or a result is there. In ``ready()`` of a room's ``apps.py``::

    from huiyin.survey.round_needs import provide

    provide("results.estimates", lambda round: "" if … else _("No estimates are registered."))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huiyin.survey.models import Round
from huiyin.survey.round_checklist import NeedFact
from huiyin.survey.round_rules import Step

#: Why it does not hold; "" = it does.
Answer = Callable[[Round], str | Promise]


@dataclass(frozen=True)
class Need:
    """Something that must hold before a step, and that a room above this one knows.

    Attributes:
        name: ``room.fact``.
        absent: what is said while no room provides it.
    """

    name: str
    step: Step
    title: str | Promise
    absent: str | Promise


NEEDS: tuple[Need, ...] = (
    Need(
        "fieldwork.calls_ended", Step.CLOSE, _("No interview is going on"),
        _("No room for calls is installed that could say whether interviews are going on."),
    ),
    Need(
        "results.estimates", Step.MEASURE, _("Results registered"),
        _("No room for results is installed, so no result of this round is registered."),
    ),
    Need(
        "results.integrity", Step.PUBLISH, _("Integrity report looked at"),
        _("No room for results is installed, so there is no integrity report."),
    ),
    Need(
        "results.release", Step.PUBLISH, _("Release approved"),
        _("No room for results is installed, so no release is approved."),
    ),
)  # fmt: skip
_PROVIDED: dict[str, Answer] = {}


def provide(name: str, answer: Answer) -> None:
    """Let a room answer a need; called when the room is made ready.

    Raises:
        ValueError: nobody needs it, or another room answers already.
    """
    if all(need.name != name for need in NEEDS):
        raise ValueError(f"no step of a round needs {name!r}")
    if _PROVIDED.setdefault(name, answer) is not answer:
        raise ValueError(f"{name!r} is answered already")


def needs_of(round: Round) -> dict[Step, tuple[NeedFact, ...]]:
    """What the rooms above say of a round, by the step that needs it."""
    said: dict[Step, tuple[NeedFact, ...]] = {}
    for need in NEEDS:
        answer = _PROVIDED.get(need.name)
        missing = answer(round) if answer else need.absent
        said[need.step] = (*said.get(need.step, ()), NeedFact(need.name, need.title, missing))
    return said
