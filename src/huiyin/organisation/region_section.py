"""What a region's page shows of this room: its units, its groups, and who answers for it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from huiyin.audit.acts import Place, may
from huiyin.furniture.views import Request
from huiyin.organisation import acts, unit_queries
from huiyin.territory.models import Region

#: More are on the list of units.
SHOWN = 20


def context(request: Request, region: Region) -> dict[str, Any] | None:
    """What the section needs; None where nothing is placed in the region."""
    today = timezone.localdate(request.now)
    units = unit_queries.units_on(today).filter(region=region).order_by("pk")
    sees_groups = may(request.actor, acts.SEE_GROUPS, Place(region=region.code))
    shown = {
        "units": list(units[: SHOWN + 1]),
        "limit": SHOWN,
        "pairings": list(unit_queries.pairings_on(today).filter(region=region)),
        "groups": list(region.groups.filter(dissolved_on=None)) if sees_groups else [],
    }
    return shown if shown["units"] or shown["pairings"] or shown["groups"] else None
