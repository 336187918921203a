"""What is said on a console before Django is ready: in both languages, chosen by environment."""

from __future__ import annotations

import os

from huiyin.site.configuration import ConfigurationError


def language() -> str:
    """``zh`` or ``en``: HUIYIN_LANGUAGE, or what the console is set to."""
    for name in ("HUIYIN_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        said = os.environ.get(name, "")
        if said:
            return "zh" if said.lower().startswith("zh") else "en"
    return "en"


def say(english: str, chinese: str) -> str:
    """One of the two, in the language of the console."""
    return chinese if language() == "zh" else english


class CannotRun(ConfigurationError):
    """Something outside the program stands in the way; the message says what and the way out."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(say(english, chinese))
