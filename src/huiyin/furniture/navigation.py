"""The header's entries: each room adds its own, each actor sees those that he may open."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from huiyin.audit.acts import Act, Actor, may

_ENTRIES: list[Entry] = []


@dataclass(frozen=True)
class Entry:
    """One entry of the navigation.

    Attributes:
        title: what it says.
        url_name: where it leads.
        act: who may do this act sees it.
        order: small numbers stand first.
        text: what one does there, on the card of the home page.
    """

    title: str | Promise
    url_name: str
    act: Act
    order: int = 100
    text: str | Promise = ""


def add_entry(entry: Entry) -> None:
    """Add an entry; called when a room is made ready."""
    if entry not in _ENTRIES:
        _ENTRIES.append(entry)


def sections_for(actor: Actor, path: str) -> list[dict[str, object]]:
    """The entries that the actor may open: title, text, address, whether it is the current one.

    Current is the entry whose address says most of the path, so that ``/organisation/accounts/``
    does not light up ``/organisation/`` as well.
    """
    entries = [entry for entry in _ENTRIES if may(actor, entry.act)]
    shown: list[dict[str, object]] = [
        {"title": entry.title, "text": entry.text, "url": reverse(entry.url_name)}
        for entry in sorted(entries, key=lambda entry: entry.order)
    ]
    current = max((str(each["url"]) for each in shown if path.startswith(str(each["url"]))),
                  key=len, default="")  # fmt: skip
    for each in shown:
        each["current"] = bool(current) and each["url"] == current
    return shown
