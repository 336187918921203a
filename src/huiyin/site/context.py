"""What every page needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from huiyin.audit.acts import VISITOR
from huiyin.furniture.navigation import sections_for


def layout(request: HttpRequest) -> dict[str, Any]:
    """The navigation of whoever asks."""
    actor = getattr(request, "actor", VISITOR)
    return {"actor": actor, "navigation": sections_for(actor, request.path)}
