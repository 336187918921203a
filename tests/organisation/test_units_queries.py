"""Lists and pages cost the same number of queries however much they show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.organisation.structure_cast import OFFICE, TODAY, Place, browse, place

from huiyin.audit.acts import SYSTEM
from huiyin.organisation.actions import groups, posts, records
from huiyin.organisation.models import Deed, MeetingKind, PostKind, UnitKind

__all__ = ["browse", "place"]


def furnish(place: Place, number: int) -> None:
    """One more of everything that a list may show."""
    day = TODAY - timedelta(days=30 - number)
    unit = place.unit(f"云山县第{number}局", UnitKind.DEPARTMENT, place.county, place.police)
    post = place.post(f"第{number}岗", PostKind.OTHER, unit)
    posts.appoint(SYSTEM, post, name="王建国", since=day)
    posts.pair(SYSTEM, post, place.town, since=day)
    posts.log_engagement(
        SYSTEM, post, deed=Deed.SOLVE, done_on=day, account_of_it="……", today=TODAY
    )
    group = place.group(f"第{number}专班", lead_unit=unit)
    groups.set_member(SYSTEM, group, place.government)
    meeting = groups.hold_meeting(
        SYSTEM, group, kind=MeetingKind.PLENARY, held_on=day, chair="王", attendees="李",
        today=TODAY,
    )  # fmt: skip
    groups.record_decision(
        SYSTEM, meeting, text="……", lead_unit=unit, due_on=TODAY, member_units=[place.police]
    )
    records.record_study(SYSTEM, unit, topic="……", held_on=day, people=3, today=TODAY)
    records.record_service(SYSTEM, place.village, kind="adviser", name="张", since=day)
    records.assign_street(SYSTEM, name="路", region=place.county, unit=unit, since=day)


@pytest.mark.parametrize(
    "page",
    [
        "", "tree/", "readiness/", "posts/", "pairings/", "engagements/", "groups/", "meetings/",
        "decisions/", "study/", "coverage/", "coverage/services/", "streets/", "templates/",
        "campaign-types/",
    ],
)  # fmt: skip
def test_a_longer_list_asks_no_more_queries(
    place: Place, browse: Callable[..., Any], page: str
) -> None:
    counts = []
    furnish(place, 1)
    browse(OFFICE, f"/organisation/{page}")
    for numbers in (range(2, 3), range(3, 8)):
        for number in numbers:
            furnish(place, number)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            browse(OFFICE, f"/organisation/{page}")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12
