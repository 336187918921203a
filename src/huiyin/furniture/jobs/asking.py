"""Who asked for a job: kept when it is queued, found again when it runs.

Accounts and roles stand above this room, so the worker says how an account becomes an actor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone, translation

from huiyin.audit.acts import SYSTEM, Actor
from huiyin.problems import JOB_WITHOUT_OWNER

ActorOf = Callable[[Any, date, str], Actor]
_known: list[ActorOf] = []


def actors_come_from(actor_of: ActorOf) -> None:
    """Say how an account becomes an actor: from account, day and network address."""
    _known[:] = [actor_of]


def asker(actor: Actor) -> dict[str, Any]:
    """What a worker must know to act for who asked, and to speak his language."""
    return {
        "account": actor.account,
        "address": actor.address,
        "scopes": None if actor.scopes is None else sorted(actor.scopes),
        "system": actor.is_system,
        "language": translation.get_language() or settings.LANGUAGE_CODE,
    }


def actor_again(kept: dict[str, Any]) -> Actor:
    """Who asked, with the roles held now: a role lost meanwhile is lost for the job too.

    Raises:
        Problem: the account is gone or closed.
    """
    if kept["system"]:
        return SYSTEM
    account = get_user_model().objects.filter(pk=kept["account"], is_active=True).first()
    if account is None:
        raise JOB_WITHOUT_OWNER()
    actor = _known[0](account, timezone.localdate(), kept["address"])
    scopes = kept["scopes"]
    return actor if scopes is None else replace(actor, scopes=frozenset(scopes))
