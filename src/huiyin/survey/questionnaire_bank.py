"""The standard instrument as the pages offer it: its modules, and a questionnaire made of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from huiyin.audit.acts import Actor
from huiyin.survey import questionnaire_actions as actions
from huiyin.survey.bank.installing import setting_of
from huiyin.survey.bank.modules import MODULES
from huiyin.survey.bank.parts import Module
from huiyin.survey.bank.standard import TITLE, standard
from huiyin.survey.models import Questionnaire
from huiyin.territory.models import Region

__all__ = ["TITLE", "choosable", "modules", "take"]


@dataclass(frozen=True)
class Offered:
    """A module as the page of the bank lists it."""

    key: str
    title: str
    fixed: bool
    questions: tuple[str, ...]


def modules(language: str) -> list[Offered]:
    """All modules in the order in which they are asked, with the wording of their questions."""
    return [
        Offered(
            module.key,
            _said(module.zh, module.en, language),
            module.fixed,
            tuple(_said(row.zh, row.en, language) for row in module.rows if row.is_asked),
        )
        for module in MODULES
    ]


def choosable(language: str) -> list[tuple[str, str]]:
    """Modules that may be left out: key and title."""
    return [(module.key, _title(module, language)) for module in MODULES if not module.fixed]


def _title(module: Module, language: str) -> str:
    asked = sum(row.is_asked for row in module.rows)
    said = _said(module.zh, module.en, language)
    return f"{said}（{asked} 题）" if language == "zh" else f"{said} ({asked} questions)"


def _said(zh: str, en: str, language: str) -> str:
    return zh if language == "zh" else en


def take(
    actor: Actor, *, name: str, region: Region, resident_months: str, modules: list[str], note: str
) -> Questionnaire:
    """Make a questionnaire of modules of the standard instrument, filled in for a city.

    Raises:
        Problem: ``bank-without-regions``, the name is taken, or the actor may not.
    """
    months = int(resident_months)
    setting = replace(setting_of(region), resident_months=months, title=name)
    workbook = standard(setting, modules)
    return actions.make_questionnaire(actor, name, workbook, note, origin=TITLE)
