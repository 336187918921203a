"""Rules for every test: where the shared data are, and what may be skipped."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

#: Real survey files and registers beside the project; not part of it.
SHARED = Path(__file__).resolve().parents[2] / "shared"


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
