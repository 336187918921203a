"""The standard instrument: chosen modules, filled in for a place, as the rows of an XLSForm."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from huiyin.survey.bank.lists import SHARED
from huiyin.survey.bank.modules import BY_KEY, MODULES
from huiyin.survey.bank.modules.contact import READY
from huiyin.survey.bank.parts import Choice, Module, Row, calculated, first_of, note
from huiyin.survey.bank.workbook import Sheets, written

TITLE = "群众安全感满意度调查"
ELSEWHERE = Choice("elsewhere", "不住在本地", "Not living here")


class UnknownModule(ValueError):
    """A module that the bank does not have.

    Attributes:
        keys: what was asked for.
    """

    def __init__(self, keys: Collection[str]) -> None:
        self.keys = sorted(keys)
        super().__init__(f"no such modules: {', '.join(self.keys)}; there are: {', '.join(BY_KEY)}")


@dataclass(frozen=True)
class Area:
    """A county, district or township as it is offered to choose from."""

    code: str
    name: str
    name_en: str = ""
    parts: tuple[Area, ...] = ()

    def choice(self, **more: str) -> Choice:
        return Choice(self.code, self.name, self.name_en or self.name, more=more)


@dataclass(frozen=True)
class Setting:
    """Where and for whom the instrument is used.

    Attributes:
        place: the city, as it is read out.
        counties: to choose from, each with its townships.
        least_age: completed years from which a person belongs to the population.
        resident_months: 6 or 12 months of residence.
        version: of the workbook, in its sheet settings.
    """

    place: str
    counties: tuple[Area, ...]
    place_en: str = ""
    least_age: int = 16
    resident_months: int = 6
    title: str = TITLE
    version: str = "1"
    form_id: str = "safety_standard"

    def __post_init__(self) -> None:
        if self.resident_months not in (6, 12):
            raise ValueError("the residence asked for is 6 or 12 months")
        if not any(county.parts for county in self.counties):
            raise ValueError("the instrument needs counties with townships to choose from")


def standard(setting: Setting, modules: Collection[str] | None = None) -> bytes:
    """The workbook (.xlsx) of the standard instrument.

    Args:
        modules: keys of the modules wanted; fixed ones and those that others need are always in.
            None = all.

    Raises:
        UnknownModule: the bank has no such module.
    """
    return written(sheets(setting, modules))


def chosen(modules: Collection[str] | None = None) -> tuple[Module, ...]:
    """The modules of a questionnaire in their order, with what they need.

    Raises:
        UnknownModule: the bank has no such module.
    """
    wanted = set(BY_KEY if modules is None else modules)
    if unknown := wanted - set(BY_KEY):
        raise UnknownModule(unknown)
    wanted |= {need for key in wanted for need in BY_KEY[key].needs}
    return tuple(module for module in MODULES if module.fixed or module.key in wanted)


def sheets(setting: Setting, modules: Collection[str] | None = None) -> Sheets:
    """The rows of the three sheets."""
    taken = chosen(modules)
    rows = [_filled(row, setting) for row in _rows(taken, setting)]
    used = {row.type.split()[1] for row in rows if row.type.startswith("select_")}
    lists = {name: each for name, each in _lists(taken, setting).items() if name in used}
    return Sheets(
        rows=tuple(rows), lists=lists,
        settings={
            "form_title": setting.title, "form_id": setting.form_id, "version": setting.version,
            "default_language": "中文 (zh)",
        },
    )  # fmt: skip


def _rows(modules: Sequence[Module], setting: Setting) -> Iterator[Row]:
    gate = "${ready} = 'yes'"
    selects = any(module.key == "selection" for module in modules)
    for module in modules:
        if module.key == "screening":
            yield calculated(
                "ready", READY if selects else "if(${consent} = 'agreed', 'yes', 'no')"
            )
        body = module if module.relevant else replace(module, relevant=gate)
        yield from _grouped(replace(body, relevant="") if module.key == "introduction" else body)
        if module.key == "screening":
            gate = "${eligible} = 'yes'"
            yield from _eligibility(setting)


def _grouped(module: Module) -> Iterator[Row]:
    columns = {"relevant": module.relevant} if module.relevant else {}
    yield Row("begin_group", f"part_{module.key}", module.zh, module.en, columns=columns)
    yield from module.rows
    yield Row("end_group", "")


def _eligibility(setting: Setting) -> Iterator[Row]:
    """Whether the person belongs to the population; nothing while that is not known yet."""
    old_enough = f"(${{age}} < 900 and ${{age}} >= {setting.least_age}) or ${{of_age}} = 'yes'"
    stays = " or ".join(f"${{residence}} = '{code}'" for code in _residences(setting))
    yield calculated("eligible", first_of([
        ("${ready} != 'yes'", "''"),
        (f"(${{age}} < {setting.least_age}) or ${{of_age}} = 'no'", "'no'"),
        ("${county} = 'elsewhere'", "'no'"),
        (f"${{residence}} != '' and not({stays})", "'no'"),
        (f"({old_enough}) and ({stays}) and ${{township}} != ''", "'yes'"),
    ]))  # fmt: skip
    yield note(
        "farewell_outside",
        "这次调查的对象是年满{age}周岁、在本地居住满{months}个月的居民，就不多打扰您了。谢谢，再见！",
        "This survey is for residents aged {age} or over who have lived here for {months} months,"
        " so we need not take more of your time. Thank you; goodbye!",
        relevant="${eligible} = 'no'",
    )


def _residences(setting: Setting) -> tuple[str, ...]:
    return ("from_6", "from_12") if setting.resident_months == 6 else ("from_12",)


def _lists(modules: Sequence[Module], setting: Setting) -> dict[str, Sequence[Choice]]:
    lists = dict(SHARED)
    for module in modules:
        lists |= module.lists
    lists["counties"] = [*(county.choice() for county in setting.counties), ELSEWHERE]
    lists["townships"] = [
        part.choice(county=county.code) for county in setting.counties for part in county.parts
    ]
    return lists


def _filled(row: Row, setting: Setting) -> Row:
    """The row with place, age and months in its texts."""
    words = {"age": str(setting.least_age), "months": str(setting.resident_months)}
    zh = words | {"place": setting.place}
    en = words | {"place": setting.place_en or setting.place}
    return replace(row, zh=_put(row.zh, zh), en=_put(row.en, en))


def _put(text: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        text = text.replace("${" + name + "}", "\0").replace("{" + name + "}", word)
        text = text.replace("\0", "${" + name + "}")
    return text
