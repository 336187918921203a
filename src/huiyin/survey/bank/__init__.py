"""The question bank: a standard instrument of modules, and the indicators bound to it.

    from huiyin.survey import bank

    bank.install(actor)                                  # or anew, when regions have changed
    bank.assemble(actor, "窗口调查", ["windows", "demographics"])

The instrument itself (:mod:`.standard`) needs no database.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from huiyin.audit.acts import Actor
    from huiyin.survey.models import Questionnaire, Version
    from huiyin.territory.models import Region

__all__ = ["assemble", "install"]


def install(actor: Actor, city: Region | None = None) -> Version:
    """See :func:`huiyin.survey.bank.installing.install`."""
    from huiyin.survey.bank import installing

    return installing.install(actor, city)


def assemble(
    actor: Actor, name: str, modules: Collection[str], city: Region | None = None
) -> Questionnaire:
    """See :func:`huiyin.survey.bank.installing.assemble`."""
    from huiyin.survey.bank import installing

    return installing.assemble(actor, name, modules, city)
