"""The parts of the room, between which one goes to and fro: each part has its line here."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Act
from huiyin.survey import (
    frame_acts,
    indicator_acts,
    plan_acts,
    questionnaire_acts,
    round_acts,
    sample_acts,
)


@dataclass(frozen=True)
class Part:
    """One part of the room.

    Attributes:
        title: what its tab says.
        url_name: its first page, without the namespace.
        act: who may do this act sees it.
        text: what one does there, on the room's first page.
    """

    title: str | Promise
    url_name: str
    act: Act
    text: str | Promise


#: In the order of the work: what is asked, then of whom.
PARTS: tuple[Part, ...] = (
    Part(
        _("Rounds"), "rounds", round_acts.SEE_ROUNDS,
        _("What is asked of whom, when, and how far each round has come"),
    ),
    Part(
        _("Questionnaires"), "questionnaires", questionnaire_acts.SEE_QUESTIONNAIRES,
        _("Write them in Excel, have them checked, look at them, walk through them"),
    ),
    Part(
        _("Question bank"), "bank", questionnaire_acts.SEE_QUESTIONNAIRES,
        _("The standard instrument, module by module, to copy from"),
    ),
    Part(
        _("Indicators"), "indicator_sets", indicator_acts.SEE_INDICATORS,
        _("Which answers count how, and what they weigh in the total score"),
    ),
    Part(
        _("Frames"), "frames", frame_acts.SEE_FRAMES,
        _("The numbers that can be drawn, and those that are never called"),
    ),
    Part(
        _("Samples"), "samples", sample_acts.SEE_SAMPLES,
        _("Draw numbers for a round so that the draw can be repeated"),
    ),
    Part(
        _("Planner"), "planner", plan_acts.USE_PLANNER,
        _("How many interviews tell what is to be told"),
    ),
)  # fmt: skip
