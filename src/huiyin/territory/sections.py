"""What later rooms show on the page of a region: each registers a section of its own.

In ``ready()`` of the room's ``apps.py``::

    from huiyin.territory.sections import Section, register

    register(Section("matters", _("Matters"), "matters/of_region.html", matters_of, acts.SEE))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from huiyin.audit.acts import Act, Place, may
from huiyin.furniture.views import Request
from huiyin.territory.models import Region

Context = Callable[[Request, Region], dict[str, Any] | None]
_SECTIONS: list[Section] = []


@dataclass(frozen=True)
class Section:
    """A part of a region's page.

    Attributes:
        name: unique; also its anchor on the page.
        title: its heading.
        template: draws its body; gets ``region``, ``request`` and what ``context`` gives.
        context: what the template needs; None = the section is left out for this region.
        act: who may do this act in the region sees it; None = whoever sees the region.
        order: small numbers stand first; the room's own sections have 10 to 50.
    """

    name: str
    title: str | Promise
    template: str
    context: Context
    act: Act | None = None
    order: int = 100


def register(section: Section) -> None:
    """Add a section; called when a room is made ready.

    Raises:
        ValueError: another section has the name.
    """
    if section in _SECTIONS:
        return
    if any(each.name == section.name for each in _SECTIONS):
        raise ValueError(f"the section {section.name!r} is taken")
    _SECTIONS.append(section)


def sections_of(request: Request, region: Region) -> list[dict[str, Any]]:
    """The sections that the actor may see, in order, each with what its template needs."""
    shown = []
    for section in sorted(_SECTIONS, key=lambda each: (each.order, each.name)):
        if section.act and not may(request.actor, section.act, Place(region=region.code)):
            continue
        context = section.context(request, region)
        if context is not None:
            shown.append({"section": section, "context": context})
    return shown
