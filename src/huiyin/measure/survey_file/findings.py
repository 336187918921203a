"""Problems of a survey file, collected so that all of them are said at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from huiyin.measure.errors import MeasureError

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One problem.

    Attributes:
        code: stable kebab-case name, such as ``unknown-key``.
        key: path of the key, such as ``indicators[2].share_of``; lists count from 1.
        line: of the survey file, or None where it is not known.
        message: in English; ``message_zh`` in Chinese.
        severity: a warning does not stop the measurement.
    """

    code: str
    file: str
    key: str
    line: int | None
    message: str
    message_zh: str
    severity: Severity = "error"

    @property
    def place(self) -> str:
        line = f" (line {self.line})" if self.line else ""
        return f"{self.file}, {self.key}{line}" if self.key else f"{self.file}{line}"

    def in_language(self, language: str) -> str:
        """Place and message, in ``zh`` or ``en``."""
        if language != "zh":
            return f"{self.place}: {self.message}"
        line = f"（第 {self.line} 行）" if self.line else ""
        where = f"{self.file}，{self.key}{line}" if self.key else f"{self.file}{line}"
        return f"{where}：{self.message_zh}"


class SurveyFileError(MeasureError):
    """Every problem of a survey file at once.

    Attributes:
        findings: the errors, in the order of the file.
    """

    def __init__(
        self,
        code: str,
        message: str,
        message_zh: str,
        *,
        place: str = "",
        findings: Sequence[Finding] = (),
    ) -> None:
        super().__init__(code, message, message_zh, place=place)
        self.findings = tuple(findings)

    @classmethod
    def of(cls, findings: Sequence[Finding]) -> SurveyFileError:
        """One error out of many findings; a single one keeps its code."""
        code = findings[0].code if len(findings) == 1 else "survey-file"
        return cls(
            code,
            "\n".join(finding.in_language("en") for finding in findings),
            "\n".join(finding.in_language("zh") for finding in findings),
            findings=findings,
        )

    def at(self, place: str) -> SurveyFileError:
        joined = f"{place}, {self.place}" if self.place else place
        return SurveyFileError(
            self.code, self.message, self.message_zh, place=joined, findings=self.findings
        )


class Log:
    """Where findings about one survey file are collected."""

    def __init__(self, file: str | Path, lines: Mapping[str, int] | None = None) -> None:
        self.file = Path(file).name
        self.lines = dict(lines or {})
        self.findings: list[Finding] = []

    def error(self, code: str, key: str, message: str, message_zh: str) -> None:
        self._add(code, key, message, message_zh, "error")

    def warning(self, code: str, key: str, message: str, message_zh: str) -> None:
        self._add(code, key, message, message_zh, "warning")

    def caught(self, wrong: MeasureError, key: str) -> None:
        """Take an error of another part of the library as a finding about ``key``."""
        self.error(wrong.code, key, wrong.in_language("en"), wrong.in_language("zh"))

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == "error"]

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    def raise_errors(self) -> None:
        """Raise :class:`SurveyFileError` if there is any error."""
        if self.errors:
            raise SurveyFileError.of(sorted(self.errors, key=lambda found: found.line or 0))

    def _add(self, code: str, key: str, message: str, message_zh: str, severity: Severity) -> None:
        line = self._line(key)
        self.findings.append(Finding(code, self.file, key, line, message, message_zh, severity))

    def _line(self, key: str) -> int | None:
        """The line of the key, or of the nearest key around it."""
        while key:
            if key in self.lines:
                return self.lines[key]
            cut = max(key.rfind("."), key.rfind("["))
            key = key[:cut] if cut > 0 else ""
        return None
