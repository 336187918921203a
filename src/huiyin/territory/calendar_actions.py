"""Change the calendar: set a day, drop one, take in what ships with the software."""

from __future__ import annotations

from datetime import date

from huiyin.audit.actions import changes_of, performing, state_of, touched
from huiyin.audit.acts import Actor
from huiyin.problems import CALENDAR_DAY_TAKEN, CALENDAR_NOTHING_NEW
from huiyin.territory import calendar_acts as acts
from huiyin.territory.calendar_models import Day, DayKind
from huiyin.territory.calendar_queries import whole_calendar
from huiyin.territory.calendar_rules import check_make_up
from huiyin.territory.calendar_seed import shipped_days, source


def set_day(
    actor: Actor, *, on: date, kind: str, name: str, origin: str, stored: Day | None = None
) -> Day:
    """Add a day, or change one that is there.

    Args:
        origin: where it was announced.
        stored: the day to change; None = add one.

    Raises:
        Problem: the actor may not; ``day-not-a-weekend``; ``calendar-day-taken``.
    """
    with performing(actor, acts.CHANGE_CALENDAR) as changed:
        check_make_up(on, works=kind == DayKind.WORKDAY)
        day = stored or Day()
        if Day.objects.filter(date=on).exclude(pk=day.pk).exists():
            raise CALENDAR_DAY_TAKEN(place="date", day=on)
        before = state_of(day) if stored else {}
        day.date, day.kind, day.name, day.source = on, kind, name, origin
        day.save()
        touched(changed, day)
        changed.before, changed.after = changes_of(before, state_of(day))
    return day


def remove_day(actor: Actor, day: Day) -> None:
    """Let a day be again what its weekday says.

    Raises:
        Problem: the actor may not.
    """
    with performing(actor, acts.CHANGE_CALENDAR) as changed:
        touched(changed, day)
        changed.before = state_of(day, ("date", "kind", "name", "source"))
        day.delete()


def take_in_shipped(actor: Actor) -> list[int]:
    """Take in the years that ship with the software and are not whole here; gives the years.

    Days that are here already stay as they are: what an office entered goes before what ships.

    Raises:
        Problem: the actor may not; ``calendar-nothing-new``.
    """
    with performing(actor, acts.CHANGE_CALENDAR) as changed:
        known = whole_calendar()
        days = [day for day in shipped_days() if not known.knows(day.date.year)]
        if not days:
            raise CALENDAR_NOTHING_NEW(last=max(day.date.year for day in shipped_days()))
        Day.objects.bulk_create(
            (Day(**day._asdict(), source=source()) for day in days), ignore_conflicts=True
        )
        years = sorted({day.date.year for day in days})
        changed.kind, changed.label = Day._meta.label_lower, source()
        changed.after = {"years": years, "days": len(days)}
    return years
