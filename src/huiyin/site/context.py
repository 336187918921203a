"""What every page needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from huiyin import __version__
from huiyin.audit.acts import VISITOR
from huiyin.furniture.navigation import sections_for

#: The pages of one's own account, in the order of the menu.
ACCOUNT_PAGES = (
    ("organisation:my_account", _("My account")),
    ("organisation:my_rights", _("What I may do")),
    ("furniture:jobs", _("My jobs")),
    ("account_change_password", _("Change the password")),
    ("mfa_index", _("Two-factor sign-in")),
)


def layout(request: HttpRequest) -> dict[str, Any]:
    """The navigation of whoever asks, and the pages of his account."""
    actor = getattr(request, "actor", VISITOR)
    pages = account_pages() if actor.account else []
    own = any(request.path == page["url"] for page in pages)  # in no room, whatever its address
    return {
        "actor": actor,
        "navigation": sections_for(actor, "" if own else request.path),
        "account_pages": pages,
        "version": __version__,
    }


def account_pages() -> list[dict[str, object]]:
    """The pages of one's own account that this installation has."""
    found: list[dict[str, object]] = []
    for name, title in ACCOUNT_PAGES:
        try:
            found.append({"title": title, "url": reverse(name)})
        except NoReverseMatch:
            continue  # switched off in the settings
    return found
