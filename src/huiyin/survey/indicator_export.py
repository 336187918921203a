"""A set of indicators as ``huiyin.measure`` takes it: statistics, or lines of a survey file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from huiyin.survey.indicator_rules import SHARE, Content, Scored, Weighted, flattened

if TYPE_CHECKING:
    from huiyin.measure.statistics import Code, Composite, Statistic


def statistics(content: Content) -> list[Statistic | Composite]:
    """What ``hm.estimate`` computes of interviews: every indicator, then every composite.

    The item of an indicator is the column of its question. Shares and scores are in percent
    (0-100), so a composite is too.

    Raises:
        MeasureError: a share of which nothing counts, a score without figures.
    """
    from huiyin import measure as hm

    made: list[Statistic | Composite] = [_statistic(each) for each in content.indicators]
    for composite in content.composites:
        weights = flattened(composite, content)
        parts = {code: float(weight) for code, weight in weights.items()}
        made.append(hm.composite(composite.code, parts))
    return made


def _statistic(indicator: Scored) -> Statistic:
    from huiyin import measure as hm

    code, missing = _coder(indicator), _codes(indicator, indicator.missing)
    if indicator.scoring == SHARE:
        chosen = [code(each) for each, value in indicator.counts.items() if value]
        return hm.share(indicator.question, chosen, name=indicator.code, missing=missing)
    scores = {code(each): float(value) for each, value in indicator.counts.items()}
    return hm.score(indicator.question, scores, name=indicator.code, missing=missing)


def _coder(indicator: Scored) -> Callable[[str], Code]:
    """Codes as data have them: numbers where every answer is coded by a number, else text."""
    if not all(_is_number(code) for code in indicator.counts):
        return str
    return lambda code: int(code) if _is_number(code) else code


def _codes(indicator: Scored, codes: Iterable[str]) -> list[Code]:
    return list(map(_coder(indicator), codes))


def _is_number(code: str) -> bool:
    return code.isdecimal() and code.isascii() and str(int(code)) == code


def survey_lines(content: Content) -> str:
    """The tables ``[[indicators]]`` and ``[[composites]]`` of a survey file."""
    tables = [*map(_indicator, content.indicators), *map(_composite, _inner_first(content))]
    return "\n\n".join("\n".join(table) for table in tables) + "\n"


def _inner_first(content: Content) -> list[Weighted]:
    """The composites so that each stands after those that it is made of."""
    inner = {each.code: each for each in content.composites}
    placed: dict[str, Weighted] = {}

    def place(code: str, above: tuple[str, ...] = ()) -> None:
        for part in inner[code].parts:
            if part in inner and part not in above:
                place(part, (*above, code))
        placed.setdefault(code, inner[code])

    for code in inner:
        place(code)
    return list(placed.values())


def _indicator(indicator: Scored) -> Iterator[str]:
    yield "[[indicators]]"
    yield from _named(indicator)
    yield f"item = {_text(indicator.question)}"
    code = _coder(indicator)
    if indicator.scoring == SHARE:
        chosen = [code(each) for each, value in indicator.counts.items() if value]
        yield f"share_of = {_list(chosen)}"
        yield f"valid = {_list(map(code, indicator.counts))}"
    else:
        pairs = (f"{_text(each)} = {value:g}" for each, value in indicator.counts.items())
        yield f"scores = {{ {', '.join(pairs)} }}"
    if indicator.missing:
        yield f"missing = {_list(_codes(indicator, indicator.missing))}"
    yield f"good = {_text(indicator.direction)}"


def _composite(composite: Weighted) -> Iterator[str]:
    yield "[[composites]]"
    yield from _named(composite)
    parts = (f"{_text(code)} = {weight.normalize():f}" for code, weight in composite.parts.items())
    yield f"parts = {{ {', '.join(parts)} }}"


def _named(thing: Scored | Weighted) -> Iterator[str]:
    yield f"name = {_text(thing.code)}"
    titles: Mapping[str, str] = {"zh": thing.name, "en": thing.name_en or thing.name}
    inner = ", ".join(f"{language} = {_text(title)}" for language, title in titles.items())
    yield f"title = {{ {inner} }}"


def _list(codes: Iterable[Code]) -> str:
    return f"[{', '.join(_text(each) if isinstance(each, str) else str(each) for each in codes)}]"


def _text(text: str) -> str:
    """A basic string of TOML: what JSON escapes, TOML reads alike."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
