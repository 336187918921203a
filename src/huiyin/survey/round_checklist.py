"""What must hold before a round takes its next step: computed from facts, never stored. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from huiyin.organisation.roles import Role
from huiyin.survey.round_rules import Step


@dataclass(frozen=True)
class NeedFact:
    """What another room says of a step; see ``round_needs``.

    Attributes:
        missing: why it does not hold; "" = it does.
    """

    name: str
    title: str | Promise
    missing: str | Promise


@dataclass(frozen=True)
class Facts:
    """What is known of a round on a day.

    Attributes:
        years_missing: years of the field whose holidays the calendar does not know.
        centre: name of the survey centre; "" = none named.
        centre_fits: whether it is a survey centre that no result judges.
        version: the questionnaire's version; "" = none.
        indicators: how many are bound.
        indicator_gaps: those that ask what the questionnaire does not, each as a sentence.
        frames: kinds of frames: mobile, landline, list.
        table: name of the table of segments; "" = none.
        wanted: interviews by the code of the region.
        quotas: interviews of all quotas of a region, by its code.
        weekdays: those with calling hours, 0 = Monday … 7 = public holiday.
        staff: how many of each role.
        strangers: names of staff who do not, or no longer, hold their role in the centre.
        drawn: numbers drawn so far.
        needs: what other rooms say, by the step.
    """

    today: date
    field_from: date | None = None
    field_until: date | None = None
    years_missing: tuple[int, ...] = ()
    centre: str = ""
    centre_fits: bool = False
    version: str = ""
    indicators: int = 0
    indicator_gaps: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    table: str = ""
    design: str = ""
    wanted: Mapping[str, int] = field(default_factory=dict)
    quotas: Mapping[str, int] = field(default_factory=dict)
    weekdays: frozenset[int] = frozenset()
    staff: Mapping[str, int] = field(default_factory=dict)
    strangers: tuple[str, ...] = ()
    drawn: int = 0
    needs: Mapping[Step, tuple[NeedFact, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """One line of a checklist.

    Attributes:
        name: stable, for programs.
        missing: what is missing, and what to do; "" = it holds.
        mend: name of the address where it is mended, within the room; "" = nowhere in particular.
    """

    name: str
    title: str | Promise
    missing: str | Promise = ""
    mend: str = ""

    @property
    def holds(self) -> bool:
        return not self.missing


def checklist(facts: Facts, step: Step) -> list[Item]:
    """What must hold before a step, in the order in which it is usually done."""
    return list(_LISTS[step](facts))


def holds(facts: Facts, step: Step) -> bool:
    """Whether all of it does."""
    return all(item.holds for item in checklist(facts, step))


def _before_ready(facts: Facts) -> Iterator[Item]:
    yield Item("dates", _("Field dates"), _dates(facts), "round_dates")
    yield Item("calendar", _("Holidays of the field are known"), _calendar(facts), "calendar")
    yield Item("centre", _("Survey centre"), _centre(facts), "round_dates")
    yield Item("version", _("Questionnaire version"), _version(facts), "round_content")
    yield Item("indicators", _("Indicators fit the questionnaire"), _indicators(facts),
               "round_content")  # fmt: skip
    yield Item("frame", _("Frame"), _frame(facts), "round_sample")
    yield Item("design", _("Sample design stated"), _design(facts), "round_sample")
    yield Item("allocation", _("Interviews wanted by region"), _allocation(facts), "planner")
    yield Item("quotas", _("Quotas agree with the interviews wanted"), _quotas(facts),
               "round_quotas")  # fmt: skip
    yield Item("hours", _("Calling hours"), _hours(facts), "round_hours")
    yield Item("staff", _("Supervisors, interviewers and verifiers"), _staff(facts), "round_staff")


def _before_field(facts: Facts) -> Iterator[Item]:
    yield from _before_ready(facts)
    yield Item("sample", _("Sample drawn"), _sample(facts), "samples")
    yield Item("today", _("The field's days have come"), _today(facts), "round_dates")


def _before_close(facts: Facts) -> Iterator[Item]:
    yield Item("over", _("The field's days are over"), _over(facts), "round_dates")
    yield from _of_others(facts, Step.CLOSE)


def _of_others(facts: Facts, step: Step) -> Iterator[Item]:
    for need in facts.needs.get(step, ()):
        yield Item(need.name, need.title, need.missing)


_LISTS: dict[Step, Callable[[Facts], Iterator[Item]]] = {
    Step.READY: _before_ready,
    Step.BACK: lambda facts: _of_others(facts, Step.BACK),
    Step.OPEN: _before_field,
    Step.CLOSE: _before_close,
    Step.MEASURE: lambda facts: _of_others(facts, Step.MEASURE),
    Step.PUBLISH: lambda facts: _of_others(facts, Step.PUBLISH),
}


def _dates(facts: Facts) -> str:
    if facts.field_from is None or facts.field_until is None:
        return _("The first or the last day of the field is missing.")
    return ""


def _calendar(facts: Facts) -> str:
    if not facts.years_missing:
        return ""
    years = "、".join(str(year) for year in facts.years_missing)
    return _("The holidays of {years} are not in the calendar. Import them.").format(years=years)


def _centre(facts: Facts) -> str:
    if not facts.centre:
        return _("No survey centre is named.")
    if not facts.centre_fits:
        return _("{centre} is judged by the result, or is no survey centre.").format(
            centre=facts.centre
        )
    return ""


def _version(facts: Facts) -> str:
    return "" if facts.version else _("No questionnaire version is bound.")


def _indicators(facts: Facts) -> str:
    if not facts.indicators:
        return _("No indicators are bound.")
    return " ".join(facts.indicator_gaps)


def _frame(facts: Facts) -> str:
    if "telephone" not in facts.modes:
        return ""
    if not facts.frames:
        return _("No frame is chosen.")
    if "mobile" in facts.frames and not facts.table:
        return _("Mobile numbers are asked, but no table of segments is named.")
    return ""


def _design(facts: Facts) -> str:
    return "" if facts.design.strip() else _("Nobody has stated how the sample is drawn.")


def _allocation(facts: Facts) -> str:
    if not any(facts.wanted.values()):
        return _("No region has interviews yet. Take them over from the planner.")
    return ""


def _quotas(facts: Facts) -> str:
    off = [
        code for code, target in sorted(facts.quotas.items()) if target != facts.wanted.get(code, 0)
    ]
    if not off:
        return ""
    return _("The quotas of these regions do not add up to the interviews wanted: {codes}.").format(
        codes="、".join(off[:5]) + ("…" if len(off) > 5 else "")
    )


def _hours(facts: Facts) -> str:
    return (
        ""
        if facts.weekdays & set(range(7))
        else _("No hours are set in which residents are called.")
    )


def _staff(facts: Facts) -> str:
    if facts.strangers:
        return _("Not, or no longer, of the survey centre in this role: {names}.").format(
            names="、".join(facts.strangers)
        )
    wanted = (Role.SUPERVISOR, Role.INTERVIEWER, Role.VERIFIER)
    lacking = [str(role.label) for role in wanted if not facts.staff.get(role)]
    return _("Nobody yet as: {roles}.").format(roles="、".join(lacking)) if lacking else ""


def _sample(facts: Facts) -> str:
    if "telephone" not in facts.modes:
        return ""
    wanted = sum(facts.wanted.values())
    if not facts.drawn:
        return _("No numbers have been drawn yet.")
    if facts.drawn < wanted:
        return _("{drawn} numbers are drawn for {wanted} interviews. Draw more.").format(
            drawn=facts.drawn, wanted=wanted
        )
    return ""


def _today(facts: Facts) -> str:
    if facts.field_from is None or facts.field_until is None:
        return _("The first or the last day of the field is missing.")
    if facts.today < facts.field_from:
        return _("The field begins on {day}.").format(day=facts.field_from)
    if facts.today > facts.field_until:
        return _("The field ended on {day}. Step back and set other days.").format(
            day=facts.field_until
        )
    return ""


def _over(facts: Facts) -> str:
    if facts.field_until is not None and facts.today <= facts.field_until:
        return _("The field lasts until {day}. To close it early, set an earlier last day.").format(
            day=facts.field_until
        )
    return ""
