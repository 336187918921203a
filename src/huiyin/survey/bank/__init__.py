"""The question bank: a standard instrument of modules, and the indicators bound to it.

    from huiyin.survey import bank

    bank.install(actor)  # or anew, when regions have changed

The instrument itself (:mod:`.standard`) needs no database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from huiyin.audit.acts import Actor
    from huiyin.survey.models import Version
    from huiyin.territory.models import Region

__all__ = ["install"]


def install(actor: Actor, city: Region | None = None) -> Version:
    """See :func:`huiyin.survey.bank.installing.install`."""
    from huiyin.survey.bank import installing

    return installing.install(actor, city)
