"""Samples: a hundred thousand numbers out of ten million, and the country's segments read in.

The draw is timed twice: the numbers, their keyed hashes and the order of release; and all of it,
with encryption, in the database, where as many of the same year must not be drawn again.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from bench.harness import Case

WANTED, SEGMENTS = 100_000, 1_000
COUNTRY = 500_000
CITY = "安和"


@contextmanager
def site() -> Iterator[Path]:
    """A site of its own on an embedded server that keeps what it promises."""
    from huiyin.site.running import session

    folder = Path(tempfile.mkdtemp(prefix="huiyin-bench-"))
    try:
        with session.site(str(folder)):
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def numbers() -> float:
    """The draw itself."""
    with site():
        from huiyin.survey.numbers import digest_of
        from huiyin.survey.sample_rules import Block, Stratum, draw

        blocks = tuple(Block(f"138{at:04d}", 4) for at in range(SEGMENTS))
        return timed(lambda: draw(1, [Stratum("mobile", WANTED, blocks)], set(), digest_of))


def stored() -> float:
    """The draw in the database, after one of the same size in the same year."""
    with site():
        draw, _check = _after_another()
        return timed(lambda: draw(2))


def checked() -> float:
    """The second draw repeated and compared with what is stored."""
    with site():
        draw, check = _after_another()
        second = draw(2)
        return timed(lambda: check(second))


def _after_another() -> tuple[Callable[[int], Any], Callable[[Any], Any]]:
    """What draws and what repeats, after a first draw."""
    from django.utils import timezone

    from huiyin.audit.acts import SYSTEM
    from huiyin.survey import sample_actions as actions
    from huiyin.survey.models import Round, Series
    from huiyin.survey.sample_queries import Wish
    from huiyin.territory.models import Region

    above = Region.objects.create(code="990000000000", name="江南省", level=1)
    city = Region.objects.create(code="991100000000", name="安和市", level=2, parent=above)
    series = Series.objects.create(name="调查", region=city)
    round = Round.objects.create(series=series, year=2026, half="H1")
    wish = Wish(table=_table(SEGMENTS), mobile=WANTED)

    def draw(seed: int) -> Any:
        return actions.draw_sample(SYSTEM, round, wish, seed=seed, now=timezone.now())

    draw(1)
    return draw, lambda sample: actions.check_draw(SYSTEM, sample)


def _rows(count: int) -> Iterator[str]:
    yield "号段,省份,城市,运营商\n"
    for at in range(count):
        yield f"{1_300_000 + at},江南,{CITY},移动\n"


def _table(count: int) -> Any:
    from huiyin.audit.acts import SYSTEM
    from huiyin.survey import frame_rules as rules
    from huiyin.survey.frame_actions import take_segments
    from huiyin.survey.models import SegmentImport

    lines = [rules.Line(at, str(1_380_000 + at), "江南", CITY, "移动", "") for at in range(count)]
    handed = SegmentImport.objects.create(file="a", name="a", origin="a", as_of=date(2026, 6, 30))
    return take_segments(SYSTEM, handed, rules.check(lines), leave_out=False)


def previewed() -> float:
    """The table read and every row checked."""
    with site() as folder:
        file = _file(folder)
        return timed(lambda: _checked(file))


def _file(folder: Path) -> Path:
    file = folder / "segments.csv"
    file.write_text("".join(_rows(COUNTRY)), encoding="utf-8")
    return file


def _checked(file: Path) -> Any:
    from huiyin.survey import frame_rules as rules
    from huiyin.survey.frame_reading import read_segments

    lines, _columns = read_segments(file, "csv")
    return rules.check(lines)


def taken() -> float:
    """The checked table written."""
    with site() as folder:
        from huiyin.audit.acts import SYSTEM
        from huiyin.survey.frame_actions import take_segments
        from huiyin.survey.models import SegmentImport

        found = _checked(_file(folder))
        handed = SegmentImport.objects.create(
            file="a", name="a", origin="a", as_of=date(2026, 6, 30)
        )
        return timed(lambda: take_segments(SYSTEM, handed, found, leave_out=False))


OUT_OF = "100,000 of 10 million"
CASES = [
    Case("numbers drawn", numbers, seconds=5, note=OUT_OF, repeats=3),
    Case("drawn, encrypted and stored", stored, seconds=5,
         note=f"{OUT_OF}; 100,000 drawn before", repeats=3),
    Case("draw repeated and compared", checked, note=OUT_OF, repeats=1),
    Case("segments read and checked", previewed, note="500,000 rows of CSV", repeats=3),
    Case("segments written", taken, note="500,000 rows", repeats=3),
]  # fmt: skip
