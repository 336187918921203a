"""The modules of the standard instrument, in the order in which they are asked."""

from __future__ import annotations

from huiyin.survey.bank.modules.contact import (
    CLOSE,
    DEMOGRAPHICS,
    INTRODUCTION,
    PHONES,
    SCREENING,
    SELECTION,
)
from huiyin.survey.bank.modules.governance import GOVERNANCE, PARTICIPATION, VISITS, WINDOWS
from huiyin.survey.bank.modules.interference import INTERFERENCE
from huiyin.survey.bank.modules.organs import IMAGE, LAW, OFFICIALS
from huiyin.survey.bank.modules.safety import CAMPAIGN, SAFETY
from huiyin.survey.bank.parts import Module

#: Opinions come before facts, the sense of safety first, interference after all opinions.
MODULES: tuple[Module, ...] = (
    INTRODUCTION,
    SELECTION,
    SCREENING,
    SAFETY,
    CAMPAIGN,
    IMAGE,
    LAW,
    GOVERNANCE,
    VISITS,
    PARTICIPATION,
    WINDOWS,
    OFFICIALS,
    INTERFERENCE,
    PHONES,
    DEMOGRAPHICS,
    CLOSE,
)
BY_KEY: dict[str, Module] = {module.key: module for module in MODULES}
