"""What is made of the indicators: ranks, small areas, drivers, integrity, response, publication."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from huiyin.measure.statistics import Code
from huiyin.measure.survey_file.model import (
    ALL,
    FITS,
    LANGUAGES,
    SUPPRESSIONS,
    TIES,
    CodedQuestion,
    Drivers,
    Integrity,
    Level,
    ListQuestion,
    Publish,
    Published,
    Ranks,
    Response,
    SmallArea,
    StatedImportance,
)
from huiyin.measure.survey_file.section import Section, is_code


def read_levels(root: Section) -> tuple[Level, ...]:
    """The levels of areas in the order of the file, with their names."""
    section = root.section("areas")
    names = root.section("area_names")
    if section is None:
        columns: dict[str, str] = {}
    else:
        columns = {level: section.needed(level) for level in section.table}
    if section is not None and ALL in columns:
        section.error(
            "reserved-name", ALL, "the level all is always there and has no column",
            "层级 all 始终存在，不对应任何列",
        )  # fmt: skip
    files = {level: names.file(level) for level in columns} if names is not None else {}
    if names is not None:
        names.finish()
    return tuple(Level(level, column, files.get(level)) for level, column in columns.items())


def read_ranks(root: Section) -> Ranks | None:
    section = root.section("ranks")
    if section is None:
        return None
    ranks = Ranks(
        section.texts("of", required=True),
        section.needed("level"),
        section.number("confidence", above=0.5, below=1.0) or 0.95,
        section.choice("ties", TIES, "min"),
        section.whole("draws", 10_000, least=100),
        section.whole("seed", 1, least=0),
    )
    section.finish()
    return ranks


def read_small_area(root: Section) -> SmallArea | None:
    section = root.section("small_area")
    if section is None:
        return None
    small_area = SmallArea(
        section.texts("of", required=True),
        section.needed("level"),
        section.file("covariates", required=True) or Path(),
        section.choice("method", FITS, "reml"),
        section.text("benchmark"),
    )
    section.finish()
    return small_area


def read_drivers(root: Section) -> Drivers | None:
    section = root.section("drivers")
    if section is None:
        return None
    stated = section.section("stated")
    importance = None
    if stated is not None:
        codes = stated.file("codes", required=True)
        importance = StatedImportance(stated.texts("columns", required=True), codes or Path())
        stated.finish()
    drivers = Drivers(section.needed("outcome"), section.texts("items", required=True), importance)
    if drivers.outcome in drivers.items:
        section.error(
            "contradictory-options", "items", f"{drivers.outcome!r} is the outcome itself",
            f"{drivers.outcome!r} 本身就是结果指标",
        )  # fmt: skip
    section.finish()
    return drivers


def read_integrity(root: Section) -> Integrity | None:
    section = root.section("integrity")
    if section is None:
        return None
    integrity = Integrity(
        section.texts("items", required=True),
        _best(section),
        section.needed("area"),
        section.text("interviewer"),
        section.text("seconds"),
        section.text("started"),
        _told(section),
        _list(section),
        section.codes("missing"),
    )
    section.finish()
    return integrity


def _best(section: Section) -> Code | Mapping[str, Code] | None:
    value = section.value("best", required=True)
    if value is None or is_code(value):
        return value
    if isinstance(value, Mapping) and all(is_code(code) for code in value.values()):
        items = section.table.get("items")
        for item in value:
            if isinstance(items, list) and item not in items:
                section.error(
                    "unknown-item", f"best.{item}", f"{item!r} is not among items",
                    f"{item!r} 不在 items 之列",
                )  # fmt: skip
        return dict(value)
    section.error(
        "wrong-type", "best", "a code, or a table of item = code, is expected",
        "此处应为一个编码，或“题目 = 编码”的表",
    )  # fmt: skip
    return None


def _told(parent: Section) -> CodedQuestion | None:
    section = parent.section("told")
    if section is None:
        return None
    if "codes" not in section:
        section.error("missing-key", "codes", "this key is required", "此键为必填项")
    told = CodedQuestion(section.needed("column"), section.codes("codes"))
    section.finish()
    return told


def _list(parent: Section) -> ListQuestion | None:
    section = parent.section("list")
    if section is None:
        return None
    if "items" not in section:
        section.error(
            "missing-key", "items", "give the number of items of the control list",
            "请给出对照组清单的条目数",
        )  # fmt: skip
    experiment = ListQuestion(
        section.needed("count"), section.needed("treatment"), section.whole("items", 1, least=1)
    )
    section.finish()
    return experiment


def read_response(root: Section) -> Response | None:
    section = root.section("response")
    if section is None:
        return None
    response = Response(section.file("counts", required=True) or Path())
    section.finish()
    return response


def read_publish(root: Section) -> Publish:
    section = root.section("publish")
    if section is None:
        return Publish()
    publish = Publish(
        section.whole("minimum_n", 30, least=1),
        section.choice("language", LANGUAGES, "zh"),
        section.number("max_half_width", above=0.0),
        section.choice("suppression", SUPPRESSIONS, "primary"),
    )
    section.finish()
    return publish


def read_published(root: Section) -> Published | None:
    section = root.section("published")
    if section is None:
        return None
    published = Published(
        data=section.file("data", required=True) or Path(),
        area=section.needed("area"),
        round=section.needed("round"),
        indicator=section.needed("indicator"),
        value=section.needed("value"),
        overall=section.text("overall"),
        level=section.text("level") or "area",
        scale=section.number("scale", above=0.0) or 1.0,
        round_format=section.text("round_format"),
        rounds=section.texts("rounds"),
        filter=_filter(section),
        rename=_rename(section),
        sheet=section.text("sheet"),
    )
    if published.level == ALL:
        section.error(
            "reserved-name", "level", "the level all is the whole; name the areas otherwise",
            "层级 all 指总体，请为各地区另取层级名",
        )  # fmt: skip
    section.finish()
    return published


def _filter(parent: Section) -> dict[str, tuple[str, ...]]:
    section = parent.section("filter")
    if section is None:
        return {}
    codes = {column: section.codes(column) for column in section.table}
    return {column: tuple(str(code) for code in kept) for column, kept in codes.items()}


def _rename(parent: Section) -> dict[str, str]:
    section = parent.section("rename")
    if section is None:
        return {}
    return {old: section.needed(old) for old in section.table}
