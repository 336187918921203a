"""What rounds want to know of questionnaires and indicators: whether they fit, what differs.

The parts of the room that know are asked when something is wanted of them: they load the interview
engine, which most processes never need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huiyin.survey.models import IndicatorSet, Version

if TYPE_CHECKING:
    from huiyin.survey import indicator_rules, questionnaire_diff
    from huiyin.survey.questionnaire_reading import Reading


def gaps(indicators: IndicatorSet, version: Version) -> list[str]:
    """Why the indicators cannot be read off a questionnaire, each reason as a sentence."""
    from huiyin.survey.indicator_content import asked_in, content_of
    from huiyin.survey.indicator_rules import findings

    return [each.message for each in findings(content_of(indicators), asked_in(version))]


def rests_on(indicators: IndicatorSet | None) -> dict[str, list[str]]:
    """Names of the indicators that rest on each question."""
    found: dict[str, list[str]] = {}
    for each in indicators.indicators.all() if indicators else ():
        found.setdefault(each.question, []).append(each.name)
    return found


def questions_changed(
    before: Version, after: Version, bound: dict[str, list[str]]
) -> list[questionnaire_diff.Difference]:
    """What differs between two versions; nothing if one of them cannot be compiled.

    Args:
        bound: the questions on which indicators rest.
    """
    from huiyin.survey.questionnaire_diff import differences

    older, newer = _reading(before), _reading(after)
    if older is None or newer is None:
        return []
    return differences(older, newer, bound.keys())


def _reading(version: Version) -> Reading | None:
    from huiyin.survey.engine import QuestionnaireError
    from huiyin.survey.questionnaire_queries import reading_of

    try:
        return reading_of(version)
    except QuestionnaireError:
        return None


def indicators_changed(
    before: IndicatorSet, after: IndicatorSet
) -> list[indicator_rules.Difference]:
    """How a set of indicators counts otherwise than another."""
    from huiyin.survey.indicator_content import content_of
    from huiyin.survey.indicator_rules import differences

    return differences(content_of(before), content_of(after))
