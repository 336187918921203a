"""Importing division files, and finding one region among 700,000.

Townships are the 41,352 of the register beside the project; villages those of four cities, then
made ones, to see that the time grows with the rows only.
"""

from __future__ import annotations

import csv
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench.harness import ROOT, Case

DIVISIONS = ROOT.parent / "shared" / "data" / "cn-divisions"
VILLAGES = DIVISIONS / "villages_430300_430500_530300_532900.csv"
ABOVE = [DIVISIONS / f"{name}.csv" for name in ("provinces", "cities", "areas")]
TOWNS = DIVISIONS / "streets.csv"
SEARCHES = ("大禾塘", "人民路社区", "城关", "新村", "dhtjd", "xc", "430582101", "不存在的", "安")


def site() -> None:
    """An empty database of its own on the embedded server."""
    folder = tempfile.mkdtemp(prefix="huiyin-bench-territory-")
    os.environ["HUIYIN_DATA"] = folder
    os.environ["DJANGO_SETTINGS_MODULE"] = "huiyin.site.settings"
    if "DATABASE_URL" not in os.environ:
        from huiyin.site import embedded

        os.environ["DATABASE_URL"] = embedded.start(Path(folder))
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def imported(*files: Path) -> float:
    """Read, plan and write the files; seconds."""
    from datetime import date

    from django.utils import timezone

    from huiyin.audit.acts import SYSTEM
    from huiyin.territory import actions
    from huiyin.territory.models import DivisionImport
    from huiyin.territory.reading import Source, read_files

    start = time.perf_counter()
    rows = read_files(Source(file.name, file) for file in files)
    handed = DivisionImport.objects.create(files=[f.name for f in files], on=date(2023, 6, 30))
    actions.write_files(SYSTEM, handed, rows, leave_out=False, now=timezone.now())
    return time.perf_counter() - start


def townships() -> float:
    site()
    imported(*ABOVE)
    return imported(TOWNS)


def townships_previewed() -> float:
    """What the page does before it asks for confirmation: read, compare, tell."""
    from datetime import date

    site()
    imported(*ABOVE)
    from huiyin.territory import actions, telling
    from huiyin.territory.reading import Source, read_files

    start = time.perf_counter()
    plan = actions.plan_files(read_files([Source(TOWNS.name, TOWNS)]), date(2023, 6, 30))
    telling.examples(plan)
    telling.digest_of(plan)
    return time.perf_counter() - start


def _towns() -> list[str]:
    with TOWNS.open(encoding="utf-8") as file:
        return [row["code"] for row in csv.DictReader(file) if not row["code"].endswith("000")]


def _village_names() -> list[str]:
    with VILLAGES.open(encoding="utf-8") as file:
        return [row["name"] for row in csv.DictReader(file)]


def _lines(count: int) -> Iterator[tuple[str, str]]:
    """Villages spread over all towns, with the names of real ones."""
    towns, names = _towns(), _village_names()
    for number in range(count):
        round_, at = divmod(number, len(towns))
        yield f"{towns[at]}{round_ + 1:03}", names[(number * 7919) % len(names)]


def made_villages(count: int) -> Path:
    path = Path(tempfile.gettempdir()) / f"huiyin-bench-villages-{count}.csv"
    if not path.exists():
        part = path.with_suffix(".part")
        with part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("code", "name"))
            writer.writerows(_lines(count))
        part.rename(path)
    return path


def villages(count: int) -> float:
    path = made_villages(count) if count else VILLAGES
    site()
    imported(*ABOVE, TOWNS)
    return imported(path)


def searching(stated: Callable[[list[float]], float]) -> float:
    """Seconds of the search box among all regions of the country, villages included."""
    path = made_villages(620_000)
    site()
    imported(*ABOVE, TOWNS, path)
    from django.db import connection

    from huiyin.territory import queries

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE territory_region")
    seconds = []
    for text in SEARCHES * 5:
        start = time.perf_counter()
        queries.search(text)
        seconds.append(time.perf_counter() - start)
    return stated(seconds)


REGISTER = "41,352 rows of the register"
CASES = [
    Case("townships", townships, seconds=20, note=REGISTER, repeats=3),
    Case("townships, preview", townships_previewed, note=REGISTER, repeats=3),
    Case("villages of four cities", partial(villages, 0), note="7,479 rows", repeats=3),
    Case("villages, 100,000", partial(villages, 100_000), note="made", repeats=1),
    Case("villages, 300,000", partial(villages, 300_000), note="made; linear = 3.0", repeats=1,
         baseline="villages, 100,000", ratio=3.3),
    Case("villages, 620,000", partial(villages, 620_000), note="made; linear = 6.2", repeats=1,
         baseline="villages, 100,000", ratio=6.8),
    Case("search, median", partial(searching, statistics.median), seconds=0.05,
         note="9 texts × 5 among 664,000", repeats=1),
    Case("search, slowest", partial(searching, max), seconds=0.05,
         note="9 texts × 5 among 664,000", repeats=1),
]  # fmt: skip
