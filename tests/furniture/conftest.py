"""What the tests of the furniture share: a request as every view gets it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import RequestFactory

from huiyin.audit.acts import SYSTEM

NOW = datetime(2026, 11, 28, 6, 3, tzinfo=UTC)


@pytest.fixture
def ask() -> Callable[..., Any]:
    """``ask("/list?q=a")``: that request, made by the system itself."""

    def asking(url: str, *, session: dict[str, Any] | None = None, htmx: str = "") -> Any:
        request: Any = RequestFactory().get(url)
        request.session = {} if session is None else session
        request.actor, request.now = SYSTEM, NOW
        request.htmx = SimpleNamespace(target=htmx) if htmx else None
        return request

    return asking
