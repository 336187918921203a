"""Fonts with Chinese glyphs: those of an installed package first, then those of the system."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from huiyin.measure.errors import MeasureError

#: A wheel that carries Noto Sans SC and Noto Serif SC (SIL Open Font License 1.1) and no code.
PACKAGE = "pylopdf_fonts_zh_cn"
DEBIAN_PACKAGE = "fonts-noto-cjk"
#: In order of preference.
SANS = (
    "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN",
    "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei",
)  # fmt: skip
SERIF = (
    "Noto Serif SC", "Noto Serif CJK SC", "Source Han Serif SC", "Source Han Serif CN",
    "Songti SC", "STSong", "SimSun", "NSimSun",
)  # fmt: skip
#: The Latin face that comes with the typesetter.
LATIN = "Libertinus Serif"
#: Faces that GB/T 9704 names; taken where the machine has them.
OFFICIAL = {
    "title": ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05"),
    "heading": ("SimHei",),
    "body": ("FangSong_GB2312", "FangSong", "STFangsong"),
}
CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")


@dataclass(frozen=True)
class Faces:
    """Families to set the title, headings, body and small print in, best first."""

    title: tuple[str, ...]
    heading: tuple[str, ...]
    body: tuple[str, ...]
    small: tuple[str, ...]


def is_chinese(texts: Iterable[str]) -> bool:
    """Whether any text needs a Chinese font."""
    return any(CHINESE.search(text) for text in texts)


def packaged_folder() -> Path | None:
    """The folder of the font package, if it is installed."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    return folder if any(folder.glob("*.otf")) else None


@lru_cache(maxsize=1)
def families() -> frozenset[str]:
    """All font families within reach: package, system, and what the typesetter brings."""
    import typst

    folder = packaged_folder()
    paths = [str(folder)] if folder is not None else []
    return frozenset(typst.Fonts(font_paths=paths).families())


def faces(language: str = "zh", available: Iterable[str] | None = None) -> Faces | None:
    """What to set a bulletin in, or ``None`` where the machine has no Chinese font.

    An English bulletin is set in a Latin face, its Chinese names in a Chinese one.
    """
    within_reach = set(families() if available is None else available)
    sans = tuple(name for name in SANS if name in within_reach)
    serif = tuple(name for name in SERIF if name in within_reach)
    if not sans and not serif:
        return None
    if language != "zh":
        upright, plain = (LATIN, *(serif or sans)[:1]), (sans or serif)[:1]
        return Faces(upright, plain, upright, plain)
    official = {
        part: tuple(name for name in names if name in within_reach)
        for part, names in OFFICIAL.items()
    }
    return Faces(
        title=official["title"] + (serif or sans)[:1],
        heading=official["heading"] + (sans or serif)[:1],
        body=official["body"] + (serif or sans)[:1],
        small=(sans or serif)[:1],
    )


def no_chinese_font() -> MeasureError:
    """The refusal of a PDF that would show boxes instead of characters."""
    distribution = PACKAGE.replace("_", "-")
    return MeasureError(
        "no-chinese-font",
        f"this machine has no Chinese font, so the PDF would show empty boxes; install the "
        f"Python package {distribution} or Debian's package {DEBIAN_PACKAGE} and run again "
        f"(the other formats have been written).",
        f"本机没有中文字体，PDF 会显示为空方框；请安装 Python 包 {distribution} 或 Debian 软件包 "
        f"{DEBIAN_PACKAGE} 后重试（其他格式已写出）。",
        place="pdf",
    )
