"""The functions of the ODK XForms expression list, each under its name.

Source of names and meanings: ODK XForms Specification, section "XPath Functions", and JavaRosa
where the specification is silent. What the list names and we do not have is in :data:`REFUSED`,
with the reason and the way out, so that an author is told at import.
"""

from __future__ import annotations

from huiyin.survey.engine.functions import dates, geography, nodes, numbers, texts
from huiyin.survey.engine.functions.table import REFUSED, TABLE, Function

__all__ = ["REFUSED", "TABLE", "Function", "dates", "geography", "nodes", "numbers", "texts"]
