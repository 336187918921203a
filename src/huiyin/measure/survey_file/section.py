"""One table of the survey file, read key by key with every fault noted.

Getters return a harmless value where something is wrong; since the fault is in the log, what was
read is thrown away in the end.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from huiyin.measure.errors import MeasureError
from huiyin.measure.reading.paths import find_files
from huiyin.measure.reading.suggest import hint
from huiyin.measure.statistics import Code
from huiyin.measure.survey_file.findings import Log
from huiyin.measure.survey_file.lines import joined
from huiyin.measure.survey_file.model import Title

Option = TypeVar("Option", bound=str)


class Section:
    """A table of the file and the path that leads to it."""

    def __init__(self, log: Log, table: Mapping[str, Any], path: str, folder: Path) -> None:
        self.log = log
        self.table = table
        self.path = path
        self.folder = folder
        self.known: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self.table

    def at(self, key: str) -> str:
        """The full path of one of its keys."""
        return joined(self.path, key)

    def error(self, code: str, key: str, message: str, message_zh: str) -> None:
        self.log.error(code, self.at(key) if key else self.path, message, message_zh)

    def warning(self, code: str, key: str, message: str, message_zh: str) -> None:
        self.log.warning(code, self.at(key) if key else self.path, message, message_zh)

    def finish(self) -> None:
        """Note every key that no getter asked for."""
        for key in self.table:
            if key not in self.known:
                english, chinese = hint(key, self.known)
                if not english:
                    listed = ", ".join(sorted(self.known))
                    english, chinese = f"; known are {listed}", f"；可用的键：{listed}"
                self.error(
                    "unknown-key", key, f"there is no key {key!r} here{english}",
                    f"此处没有名为 {key!r} 的键{chinese}",
                )  # fmt: skip

    def value(self, key: str, *, required: bool = False) -> Any:
        """The value as TOML has it, or None."""
        self.known.append(key)
        if required and key not in self.table:
            self.error("missing-key", key, "this key is required", "此键为必填项")
        return self.table.get(key)

    def text(self, key: str, *, required: bool = False) -> str | None:
        value = self.value(key, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            self._wrong_type(key, value, "a text in quotes", "带引号的文本")
            return None
        if not value.strip():
            self.error("empty-text", key, "the text is empty", "文本为空")
            return None
        return value

    def needed(self, key: str) -> str:
        """A text that must be there."""
        return self.text(key, required=True) or ""

    def choice(self, key: str, options: Sequence[Option], default: Option) -> Option:
        value = self.text(key)
        for option in options:
            if value in (option, None):
                return option if value else default
        if value is not None:
            listed = ", ".join(options)
            self.error(
                "unknown-option", key, f"{value!r} is not one of {listed}",
                f"{value!r} 不在可选值（{listed}）之中",
            )  # fmt: skip
        return default

    def flag(self, key: str) -> bool:
        value = self.value(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        self._wrong_type(key, value, "true or false", "true 或 false")
        return False

    def number(
        self, key: str, *, above: float = -math.inf, below: float = math.inf
    ) -> float | None:
        """A finite number strictly between two bounds."""
        value = self.value(key)
        if value is None:
            return None
        if not is_number(value):
            self._wrong_type(key, value, "a number", "数值")
            return None
        if not above < value < below:
            self._out_of_range(key, value, above, below)
            return None
        return float(value)

    def whole(self, key: str, default: int, *, least: int) -> int:
        value = self.value(key)
        if value is None:
            return default
        if isinstance(value, float) or not is_number(value):
            self._wrong_type(key, value, "a whole number", "整数")
            return default
        if value < least:
            self.error("out-of-range", key, f"{value} is below {least}", f"{value} 小于 {least}")
            return default
        return int(value)

    def numbers(self, key: str) -> tuple[float, ...] | None:
        value = self.value(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(is_number(each) for each in value):
            self._wrong_type(key, value, "a list of numbers", "数值列表")
            return None
        return tuple(float(each) for each in value)

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """A text or a list of texts; repeats are an error."""
        value = self.value(key, required=required)
        if value is None:
            return ()
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(_is_filled(each) for each in listed):
            self._wrong_type(key, value, "a text or a list of texts", "文本或文本列表")
            return ()
        if not listed:
            self.error("empty-list", key, "the list is empty", "列表为空")
        if repeated := [each for at, each in enumerate(listed) if each in listed[:at]]:
            self.error(
                "duplicate-name", key, f"{repeated[0]!r} is listed twice",
                f"{repeated[0]!r} 重复列出",
            )  # fmt: skip
        return tuple(dict.fromkeys(listed))

    def codes(self, key: str) -> tuple[Code, ...]:
        """A code or a list of codes: numbers, texts, true, false."""
        value = self.value(key)
        if value is None:
            return ()
        listed = value if isinstance(value, list) else [value]
        if not all(is_code(each) for each in listed):
            self._wrong_type(key, value, "a list of codes", "编码列表")
            return ()
        if not listed:
            self.error("empty-list", key, "the list is empty", "列表为空")
        return tuple(dict.fromkeys(listed))

    def title(self, key: str, default: str | None = None) -> Title:
        """A text, or a table with zh and en; required without a default."""
        value = self.value(key, required=default is None)
        if isinstance(value, Mapping):
            section = self._inside(key, value)
            zh, en = section.text("zh"), section.text("en")
            section.finish()
            if not (zh or en):
                self.error("empty-text", key, "give zh, en or both", "请给出 zh、en 或两者")
            return Title(zh or en or "", en or zh or "")
        if value is not None and not _is_filled(value):
            self._wrong_type(key, value, "a text or { zh, en }", "文本或 { zh, en }")
            value = None
        return Title(value or default or "", value or default or "")

    def file(self, key: str, *, required: bool = False) -> Path | None:
        """A path relative to the survey file; it must name something readable."""
        text = self.text(key, required=required)
        if text is None:
            return None
        path = self.folder / text
        try:
            find_files(path)
        except MeasureError as wrong:
            self.log.caught(wrong, self.at(key))
        except (OSError, ValueError) as wrong:
            self.error("missing-file", key, f"no usable path ({wrong})", f"路径不可用（{wrong}）")
        return path

    def section(self, key: str) -> Section | None:
        """A table, or None."""
        value = self.value(key)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self._wrong_type(key, value, "a table", "一个表")
            return None
        return self._inside(key, value)

    def sections(self, key: str) -> list[Section]:
        """A list of tables; their paths count from 1."""
        value = self.value(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
            self._wrong_type(key, value, f"a list of tables, [[{self.at(key)}]]",
                             f"表的列表，写作 [[{self.at(key)}]]")  # fmt: skip
            return []
        return [self._inside(f"{key}[{at}]", each) for at, each in enumerate(value, start=1)]

    def _inside(self, key: str, table: Mapping[str, Any]) -> Section:
        return Section(self.log, table, self.at(key), self.folder)

    def _wrong_type(self, key: str, value: Any, wanted: str, wanted_zh: str) -> None:
        shown = repr(value) if len(repr(value)) <= 60 else repr(value)[:60] + "…"
        self.error(
            "wrong-type", key, f"{wanted} is expected, not {shown}",
            f"此处应为{wanted_zh}，而不是 {shown}",
        )  # fmt: skip

    def _out_of_range(self, key: str, value: float, above: float, below: float) -> None:
        limits = [f"above {above:g}"] if math.isfinite(above) else []
        limits += [f"below {below:g}"] if math.isfinite(below) else []
        limits_zh = [f"大于 {above:g}"] if math.isfinite(above) else []
        limits_zh += [f"小于 {below:g}"] if math.isfinite(below) else []
        self.error(
            "out-of-range", key, f"{value:g} must be {' and '.join(limits)}",
            f"{value:g} 应{'且'.join(limits_zh)}",
        )  # fmt: skip


def is_number(value: Any) -> bool:
    """A finite number that an engine can hold, and no truth value."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 2**63 if isinstance(value, int) else math.isfinite(value)


def is_code(value: Any) -> bool:
    """What can stand for an answer: a finite number, a truth value, a text that is not empty."""
    return isinstance(value, bool) or is_number(value) or _is_filled(value)


def _is_filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
