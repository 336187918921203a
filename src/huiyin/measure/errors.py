"""What can be wrong with the input, said so that the reader can mend it."""

from __future__ import annotations


class MeasureError(ValueError):
    """The input is wrong, and the message says where and what to do.

    Attributes:
        code: a stable kebab-case name of the problem, such as ``unknown-column``.
        message: what is wrong and the way out, in English.
        message_zh: the same in Chinese.
        place: where it is: a file, a key, a column, a row; parts joined by ``, ``.
    """

    def __init__(self, code: str, message: str, message_zh: str, *, place: str = "") -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.code = code
        self.message = message
        self.message_zh = message_zh
        self.place = place

    def in_language(self, language: str) -> str:
        """The message with its place, in ``zh`` or ``en``."""
        text = self.message_zh if language == "zh" else self.message
        return (
            f"{self.place}：{text}"
            if self.place and language == "zh"
            else (f"{self.place}: {text}" if self.place else text)
        )

    def at(self, place: str) -> MeasureError:
        """The same error with ``place`` put before the place it already names."""
        joined = f"{place}, {self.place}" if self.place else place
        return type(self)(self.code, self.message, self.message_zh, place=joined)
