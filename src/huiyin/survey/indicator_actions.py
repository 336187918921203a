"""Every change to indicators; a set that a round past its draft is bound to is fixed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal

from huiyin.audit.actions import performing, touched
from huiyin.audit.acts import Act, Actor, Changed
from huiyin.problems import (
    INDICATOR_CODE_TAKEN,
    INDICATOR_IN_COMPOSITE,
    INDICATOR_SET_BOUND,
    INDICATOR_SET_IN_USE,
    INDICATOR_SET_TAKEN,
)
from huiyin.survey import indicator_acts as acts
from huiyin.survey import indicator_content as contents
from huiyin.survey import indicator_queries as queries
from huiyin.survey import indicator_rules as rules
from huiyin.survey.indicator_rules import Content, Scored, Weighted
from huiyin.survey.models import Composite, Indicator, IndicatorSet, Part


def add_set(actor: Actor, name: str, note: str = "") -> IndicatorSet:
    """Add a set, still empty.

    Raises:
        Problem: ``indicator-set-taken``, or the actor may not.
    """
    return store_set(actor, name, Content(), note)


def store_set(actor: Actor, name: str, content: Content, note: str = "") -> IndicatorSet:
    """Add a set with all that is in it: one that is copied, or one of the bank.

    Raises:
        Problem: ``indicator-set-taken``, or the actor may not.
    """
    with performing(actor, acts.ADD_INDICATOR_SET) as changed:
        _check_name(name)
        made = IndicatorSet.objects.create(name=name.strip(), note=note)
        for at, indicator in enumerate(content.indicators):
            _write_indicator(Indicator(set=made, order=at), indicator)
        for composite in content.composites:
            _write_composite(made, None, composite)
        for composite in content.composites:  # once all are there, for those within others
            _write_parts(made, composite)
        touched(changed, made)
        changed.after = {
            "name": made.name,
            "indicators": [each.code for each in content.indicators],
            "composites": [each.code for each in content.composites],
        }
    return made


def copy_set(actor: Actor, source: IndicatorSet, name: str, note: str = "") -> IndicatorSet:
    """Make a set of one's own that begins as a copy.

    Raises:
        Problem: ``indicator-set-taken``, or the actor may not.
    """
    return store_set(actor, name, contents.content_of(source), note)


def change_set(actor: Actor, indicator_set: IndicatorSet, name: str, note: str) -> IndicatorSet:
    """Give a set another name or note; what it counts stays.

    Raises:
        Problem: ``indicator-set-taken``, or the actor may not.
    """
    with performing(actor, acts.CHANGE_INDICATOR_SET) as changed:
        found = IndicatorSet.objects.select_for_update().get(pk=indicator_set.pk)
        _check_name(name, found.pk)
        changed.before = {"name": found.name, "note": found.note}
        found.name, found.note = name.strip(), note
        found.save(update_fields=["name", "note"])
        touched(changed, found)
        changed.after = {"name": found.name, "note": found.note}
    return found


def remove_set(actor: Actor, indicator_set: IndicatorSet) -> None:
    """Remove a set to which no round is bound.

    Raises:
        Problem: ``indicator-set-bound``, or the actor may not.
    """
    with performing(actor, acts.REMOVE_INDICATOR_SET) as changed:
        found = IndicatorSet.objects.select_for_update().get(pk=indicator_set.pk)
        if bound := queries.rounds_of(found):
            raise INDICATOR_SET_BOUND(rounds="、".join(map(str, bound)))
        touched(changed, found)
        changed.before = {"name": found.name}
        Part.objects.filter(composite__set=found).delete()
        found.delete()


def set_indicator(
    actor: Actor, indicator_set: IndicatorSet, wanted: Scored, indicator: Indicator | None = None
) -> Indicator:
    """Add an indicator to a set, or change one.

    Whether it fits a questionnaire is not asked here: a set is checked against a version, and a
    round does not become ready before it fits.

    Args:
        indicator: the one that is changed; None adds one.

    Raises:
        Problem: ``indicator-set-in-use``, ``indicator-code-taken``, whatever
            :func:`huiyin.survey.indicator_rules.scoring_findings` finds, or the actor may not.
    """
    with _changing(actor, acts.SET_INDICATOR, indicator_set, wanted.code) as (found, changed):
        _check_code(found, wanted.code, indicator)
        for wrong in rules.scoring_findings(wanted):
            raise wrong
        if indicator is None:
            indicator = Indicator(set=found, order=found.indicators.count())
        else:
            changed.before = told(contents.scored(indicator))
        _write_indicator(indicator, wanted)
        changed.after = told(wanted)
    return indicator


def remove_indicator(actor: Actor, indicator: Indicator) -> None:
    """Take an indicator out of its set.

    Raises:
        Problem: ``indicator-set-in-use``, ``indicator-in-composite``, or the actor may not.
    """
    within, code = indicator.set, indicator.code
    with _changing(actor, acts.REMOVE_INDICATOR, within, code) as (_found, changed):
        _check_loose(indicator, [part.composite for part in indicator.parts.all()])
        changed.before = told(contents.scored(indicator))
        indicator.delete()


def set_composite(
    actor: Actor, indicator_set: IndicatorSet, wanted: Weighted, composite: Composite | None = None
) -> Composite:
    """Add a composite to a set, or change its name and weights.

    Args:
        composite: the one that is changed; None adds one.

    Raises:
        Problem: ``indicator-set-in-use``, ``indicator-code-taken``, whatever
            :func:`huiyin.survey.indicator_rules.composite_findings` finds: weights that do not sum
            to 1, a circle, contrary directions; or the actor may not.
    """
    with _changing(actor, acts.SET_COMPOSITE, indicator_set, wanted.code) as (found, changed):
        _check_code(found, wanted.code, composite)
        now = contents.content_of(found)
        old = composite.code if composite else wanted.code
        others = tuple(each for each in now.composites if each.code != old)
        for wrong in rules.composite_findings(wanted, Content(now.indicators, (*others, wanted))):
            raise wrong
        if composite is not None:
            changed.before = _weights(contents.weighted(composite))
        composite = _write_composite(found, composite, wanted)
        _write_parts(found, wanted)
        changed.after = _weights(wanted)
    return composite


def remove_composite(actor: Actor, composite: Composite) -> None:
    """Take a composite out of its set; its indicators stay.

    Raises:
        Problem: ``indicator-set-in-use``, ``indicator-in-composite``, or the actor may not.
    """
    within, code = composite.set, composite.code
    with _changing(actor, acts.REMOVE_COMPOSITE, within, code) as (_found, changed):
        _check_loose(composite, [part.composite for part in composite.held_by.all()])
        changed.before = _weights(contents.weighted(composite))
        composite.parts.all().delete()
        composite.delete()


def check_open(indicator_set: IndicatorSet) -> None:
    """Whether a set still changes.

    Raises:
        Problem: ``indicator-set-in-use``: a round past its draft is bound to it.
    """
    if holding := queries.holding(indicator_set):
        raise INDICATOR_SET_IN_USE(rounds="、".join(map(str, holding)))


def check_import(within: IndicatorSet, wanted: Scored) -> None:
    """Whether a row of a file could be written; the act itself is performed for the whole file.

    Raises:
        Problem: ``indicator-set-in-use``, ``indicator-code-taken`` by a composite, or what is wrong
            with the scoring; its place is the column.
    """
    check_open(within)
    if within.composites.filter(code=wanted.code).exists():
        raise INDICATOR_CODE_TAKEN(place="code", code=wanted.code)
    for wrong in rules.scoring_findings(wanted):
        raise wrong


def write_imported(within: IndicatorSet, wanted: Scored, indicator: Indicator | None) -> None:
    """Write an indicator of a file, inside the act that imports the file."""
    if indicator is None:
        indicator = Indicator(set=within, order=within.indicators.count())
    _write_indicator(indicator, wanted)


@contextmanager
def _changing(
    actor: Actor, act: Act, indicator_set: IndicatorSet, code: str
) -> Iterator[tuple[IndicatorSet, Changed]]:
    """Change something in a set, which is locked; the event is found through the set's key."""
    with performing(actor, act) as changed:
        found = IndicatorSet.objects.select_for_update().get(pk=indicator_set.pk)
        check_open(found)
        kind = Composite if act in (acts.SET_COMPOSITE, acts.REMOVE_COMPOSITE) else Indicator
        changed.kind, changed.key = kind._meta.label_lower, f"{found.pk}/{code}"
        changed.label = f"{found.name}: {code}"
        yield found, changed


def _check_name(name: str, own: int | None = None) -> None:
    if IndicatorSet.objects.filter(name=name.strip()).exclude(pk=own or 0).exists():
        raise INDICATOR_SET_TAKEN(place="name")


def _check_code(within: IndicatorSet, code: str, own: Indicator | Composite | None) -> None:
    """Indicators and composites share their codes: both are names of figures."""
    kinds: tuple[type[Indicator] | type[Composite], ...] = (Indicator, Composite)
    for kind in kinds:
        key = own.pk if own is not None and isinstance(own, kind) else 0
        if kind.objects.filter(set=within, code=code).exclude(pk=key).exists():
            raise INDICATOR_CODE_TAKEN(place="code", code=code)


def _check_loose(thing: Indicator | Composite, composites: list[Composite]) -> None:
    if composites:
        names = "、".join(each.name for each in composites)
        raise INDICATOR_IN_COMPOSITE(name=thing.name, composites=names)


def _write_indicator(indicator: Indicator, wanted: Scored) -> None:
    indicator.code, indicator.name, indicator.name_en = wanted.code, wanted.name, wanted.name_en
    indicator.question, indicator.scoring = wanted.question, wanted.scoring
    indicator.counts, indicator.missing = dict(wanted.counts), list(wanted.missing)
    indicator.direction = wanted.direction
    indicator.save()


def _write_composite(
    within: IndicatorSet, composite: Composite | None, wanted: Weighted
) -> Composite:
    composite = composite or Composite(set=within)
    composite.code, composite.name, composite.name_en = wanted.code, wanted.name, wanted.name_en
    if wanted.is_total:  # there is one total score; the new one takes the place of the old
        within.composites.filter(is_total=True).exclude(pk=composite.pk).update(is_total=False)
    composite.is_total = wanted.is_total
    composite.save()
    return composite


def _write_parts(within: IndicatorSet, wanted: Weighted) -> None:
    composite = within.composites.get(code=wanted.code)
    indicators = {each.code: each for each in within.indicators.all()}
    inner = {each.code: each for each in within.composites.all()}
    composite.parts.all().delete()
    Part.objects.bulk_create(
        Part(composite=composite, indicator=indicators.get(code),
             nested=None if code in indicators else inner[code], weight=weight)
        for code, weight in wanted.parts.items()
    )  # fmt: skip


def told(indicator: Scored) -> dict[str, object]:
    """What an indicator is, as an event or a preview says it."""
    return {
        "code": indicator.code, "name": indicator.name, "question": indicator.question,
        "scoring": indicator.scoring, "counts": rules.written(indicator.counts),
        "missing": "、".join(indicator.missing), "direction": indicator.direction,
    }  # fmt: skip


def _weights(composite: Weighted) -> dict[str, object]:
    weights: Mapping[str, Decimal] = composite.parts
    parts = "；".join(f"{code}={weight.normalize():f}" for code, weight in weights.items())
    return {
        "code": composite.code, "name": composite.name, "is_total": composite.is_total,
        "parts": parts,
    }  # fmt: skip
