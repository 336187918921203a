"""Every view says which act it is; the permission table answers who may see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from huiyin.audit.acts import Act, Actor, Place, require


class Request(HttpRequest):
    """A request as every view of ours gets it.

    Attributes:
        actor: who asks.
        now: the one moment at which the request is answered.
        htmx: whether a part of a page is asked for, and which.
    """

    actor: Actor
    now: datetime
    htmx: HtmxDetails


View = Callable[..., HttpResponse]
Locate = Callable[..., Place]


def page(act: Act, *, at: Locate | None = None) -> Callable[[View], View]:
    """A view that is the act: whoever may not do it is turned away before it runs.

    Args:
        at: gives, from the view's keyword arguments, the place that the page shows. Without it the
            page is open to whoever may do the act at any place, and must narrow what it lists.
    """

    def furnish(view: View) -> View:
        @wraps(view)
        def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            require(request.actor, act)  # first, so that nobody learns what is there
            if at is not None:
                require(request.actor, act, at(**kwargs))
            return view(request, *args, **kwargs)

        guarded.act = act  # type: ignore[attr-defined]
        return guarded

    return furnish


def open_to_all(view: View) -> View:
    """Mark a view that needs no permission: signing in, health, what is published."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view
