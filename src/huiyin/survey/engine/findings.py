"""What is wrong with a questionnaire, said so that its author can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One fault of a questionnaire, with its place in the workbook.

    Attributes:
        code: a stable kebab-case name, such as ``unknown-function``.
        message: what is wrong and what to write instead, in English.
        message_zh: the same in Chinese.
        sheet: name of the sheet; "" where the whole workbook is meant.
        row: row of the sheet, counted from 1 as Excel counts; None = the whole sheet.
        column: title of the column; "" = the whole row.
        severity: an error keeps the questionnaire from running, a warning does not.
    """

    code: str
    message: str
    message_zh: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    severity: Severity = "error"

    @property
    def place(self) -> str:
        """Where it is, such as ``survey!5 relevant``."""
        at = f"{self.sheet}!{self.row}" if self.row else self.sheet
        return f"{at} {self.column}".strip()

    def in_language(self, language: str) -> str:
        """Place and message in ``zh`` or ``en``."""
        if language == "zh":
            at = f"{self.sheet} 第 {self.row} 行" if self.row else self.sheet
            place = f"{at} {self.column} 列" if self.column else at
            return f"{place}：{self.message_zh}" if place else self.message_zh
        return f"{self.place}: {self.message}" if self.place else self.message


class QuestionnaireError(ValueError):
    """A questionnaire that cannot run.

    Attributes:
        findings: everything that is wrong with it, in the order of the workbook.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = sorted(
            findings, key=lambda each: (_ORDER.get(each.sheet, 9), each.row or 0)
        )
        super().__init__("\n".join(each.in_language("en") for each in self.findings))


_ORDER = {"": 0, "survey": 1, "choices": 2, "settings": 3}
