"""What a region's page shows of rounds: to offices all, to others those that are published."""

from __future__ import annotations

from typing import Any

from huiyin.audit.acts import may
from huiyin.furniture.views import Request
from huiyin.survey.models import Round, RoundStatus
from huiyin.survey.round_acts import SEE_ROUNDS
from huiyin.survey.round_queries import place_of, rounds_for
from huiyin.survey.round_tables import TONES
from huiyin.territory.models import Region
from huiyin.territory.rules import stem

#: More are on the list of rounds.
SHOWN = 6


def context(request: Request, region: Region) -> dict[str, Any] | None:
    """The rounds in which a region is surveyed; None where there is none to be shown."""
    stems = [stem(region.code, level) for level in range(1, region.level + 1)]
    codes = [each.ljust(12, "0") for each in stems]
    rows = rounds_for(request.actor).filter(series__region__code__in=codes)
    found = list(rows.order_by("-year", "-half", "series__name")[:SHOWN])
    if not found:
        return None
    return {
        "rounds": [
            _line(each, region, may(request.actor, SEE_ROUNDS, place_of(each))) for each in found
        ]
    }


def _line(round: Round, region: Region, sees: bool) -> dict[str, Any]:
    stem_here = region.stem
    wanted = sum(n for code, n in round.allocation.items() if code.startswith(stem_here))
    return {
        "round": round,
        "tone": TONES[RoundStatus(round.status)],
        "url": round.get_absolute_url() if sees else "",
        "wanted": wanted if sees else None,
    }
