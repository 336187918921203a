"""How a function is entered in the table of functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Body = Callable[..., Any]
Taken = Literal["as taken"]


@dataclass(frozen=True)
class Function:
    """One function of the expression language.

    Attributes:
        name: as it is written.
        takes: kind of each argument: ``string``, ``number``, ``boolean``, ``nodes`` or ``any``; the
            last repeats where ``most`` allows.
        least: how many arguments it takes at least.
        most: and at most; None = as many as one likes.
        gives: kind of its result.
        body: called with the context and the arguments, already of the kinds that it takes.
    """

    name: str
    takes: tuple[str, ...]
    least: int
    most: int | None
    gives: str
    body: Body

    def kind_of(self, argument: int) -> str:
        """The kind of the argument at a place, counted from 0."""
        return self.takes[min(argument, len(self.takes) - 1)] if self.takes else "any"


TABLE: dict[str, Function] = {}
#: Names of the list that are refused, with the reason and the way out (English, Chinese).
REFUSED: dict[str, tuple[str, str]] = {
    "pulldata": (
        "files beside the questionnaire are not read; put the list on the sheet choices and use"
        " instance('list')/root/item[name = …]/column",
        "不读取问卷以外的文件；请把名单放在 choices 工作表，用"
        " instance('名单')/root/item[name = …]/列名",
    ),
    "property": (
        "an interview knows no device; use a question or a calculate instead",
        "访问不读取设备信息；请改用题目或 calculate",
    ),
    "extract-signed": (
        "signed codes are not checked; use a constraint with regex()",
        "不校验签名编码；请改用带 regex() 的 constraint",
    ),
    "intersects": (
        "lines on a map are not examined; use distance(), area() or geofence()",
        "不判断线路是否相交；请改用 distance()、area() 或 geofence()",
    ),
    "last": (
        "other engines do not know it; use position() = count(…)",
        "其他引擎不认识该函数；请改用 position() = count(…)",
    ),
    "name": (
        "other engines do not know it; write the name itself",
        "其他引擎不认识该函数；请直接写名称",
    ),
    "substring": (
        "use substr(), which counts from 0 and takes where to end, not how many",
        "请改用 substr()：从 0 数起，第三个参数是结束位置而不是长度",
    ),
    "floor": (
        "use int(), which cuts off what stands after the point",
        "请改用 int()（舍去小数部分）",
    ),
    "ceiling": ("use int(… + 1) or round()", "请改用 int(… + 1) 或 round()"),
}


def function(
    name: str,
    *takes: str,
    gives: str,
    least: int | None = None,
    most: int | Taken | None = "as taken",
) -> Callable[[Body], Body]:
    """Enter a function into the table under its name."""

    def enter(body: Body) -> Body:
        fewest = len(takes) if least is None else least
        limit = len(takes) if isinstance(most, str) else most
        TABLE[name] = Function(name, takes, fewest, limit, gives, body)
        return body

    return enter
