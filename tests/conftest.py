"""Rules for every test: where the shared data are, which database, and what may be skipped."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from pathlib import Path

import django
import pytest

#: Real survey files and registers beside the project; not part of it.
SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_configure(config: pytest.Config) -> None:
    """Name the database of the tests: an embedded server of their own, or DATABASE_URL's.

    The process that starts the others starts the server; they find it in their environment.
    """
    folder = os.environ.setdefault("HUIYIN_DATA", tempfile.mkdtemp(prefix="huiyin-tests-"))
    if "DATABASE_URL" not in os.environ:
        from huiyin.site import embedded

        os.environ["DATABASE_URL"] = embedded.start(Path(folder))
    os.environ["DJANGO_SETTINGS_MODULE"] = "huiyin.site.settings"
    django.setup()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, object, None]:
    """Where every system package is installed (HUIYIN_NO_SKIPS=1), a skip for want of one fails."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and os.environ.get("HUIYIN_NO_SKIPS") and "Debian" in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"skipped for want of a package: {report.longrepr}"
