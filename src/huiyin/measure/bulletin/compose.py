"""From a measurement to the document: which sections, in which order, how numbered."""

from __future__ import annotations

from dataclasses import replace

from huiyin.measure.bulletin.appendix import appendices
from huiyin.measure.bulletin.areas import areas
from huiyin.measure.bulletin.context import Context
from huiyin.measure.bulletin.document import Document, Section
from huiyin.measure.bulletin.method import method, reading, samples, withheld
from huiyin.measure.bulletin.modelled import modelled
from huiyin.measure.bulletin.overall import overall
from huiyin.measure.bulletin.overview import overview, tiles
from huiyin.measure.bulletin.priorities import priorities
from huiyin.measure.bulletin.quality import quality
from huiyin.measure.bulletin.ranking import rank_appendices, ranking

#: The order in which an official reads.
MAIN = (
    overview, overall, areas, ranking, priorities, modelled, quality,
    method, samples, withheld, reading,
)  # fmt: skip
DIGITS = "零一二三四五六七八九"


def compose(context: Context) -> Document:
    """The document, the same for every format."""
    measurement, words = context.measurement, context.words
    main = [section for write in MAIN if (section := write(context)) is not None]
    after = [*appendices(context), *rank_appendices(context)]
    sections = [
        *(_numbered(section, words("heading", number=_number(n, words.language)))
          for n, section in enumerate(main, 1)),
        *(_numbered(section, words("heading.appendix", number=n if len(after) > 1 else ""))
          for n, section in enumerate(after, 1)),
    ]  # fmt: skip
    return Document(
        words.language,
        words.of(measurement.title),
        words("subtitle", round=words.round(context.results.current)),
        words.date(measurement.made_on) if measurement.made_on else "",
        tiles(context),
        sections,
    )


def _numbered(section: Section, number: str) -> Section:
    return replace(section, number=number)


def _number(number: int, language: str) -> str:
    """One to ninety-nine, in Chinese as documents count their headings."""
    if language != "zh":
        return str(number)
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{DIGITS[tens]}十"
    return head + (DIGITS[ones] if ones else "")
