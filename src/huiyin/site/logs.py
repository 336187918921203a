"""Logs: one JSON object a line on stderr, with nothing in it that tells of a person.

Three nets, one behind the other. Only fields that are listed here are written at all. A request is
told by the pattern of its address, never by the address or what was asked. And whatever text is
left loses every run of eleven or more digits (phone numbers, identity cards, bank cards) and every
e-mail address. Names cannot be told from other words, so what may carry them is not written: of an
exception its kind and its places in the code, and not its message.
"""

from __future__ import annotations

import logging
import re
import secrets
import string
import time
import traceback
import unicodedata
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch
from pythonjsonlogger.json import JsonFormatter

from huiyin.site.configuration import ConfigurationError

log = logging.getLogger("huiyin.requests")

#: What stands for what was taken out.
MASK = "***"
#: Eleven or more digits, of any script, with at most three separators between each two.
NUMBER = re.compile(r"(?:\d[\W_]{0,3}){10,}\d[XxＸｘ]?")
MAIL = re.compile(r"[^\s@＠\"'<>(),;:]+[@＠][^\s@＠\"'<>(),;:]+")
#: The fields that a line may have besides what is said of every one.
FIELDS = frozenset(
    {
        "account",
        "job",
        "method",
        "milliseconds",
        "path",
        "problem",
        "reference",
        "size",
        "status",
        "task",
        "view",
    }
)
#: The number of the request that is being answered; "" outside of requests.
REQUEST: ContextVar[str] = ContextVar("request", default="")


def masked(text: str) -> str:
    """The text without numbers of persons and without addresses of mail."""
    clean = text.encode("utf-8", "replace").decode()
    visible = "".join(letter for letter in clean if unicodedata.category(letter) != "Cf")
    return MAIL.sub(MASK, NUMBER.sub(MASK, visible))


def without_persons(value: Any) -> Any:
    """A value as it may be written: texts masked at every depth, long numbers too."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return round(value, 3) if abs(value) < 1e7 else MASK
    if isinstance(value, int):
        return value if abs(value) < 10**10 else MASK
    if isinstance(value, Mapping):
        return {masked(str(name)): without_persons(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [without_persons(each) for each in value]
    return masked(str(value))


class PrivateFormatter(JsonFormatter):
    """A record as one line of JSON that tells of no person."""

    def __init__(self) -> None:
        super().__init__(json_ensure_ascii=False)

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_persons(record.getMessage()),
        }
        if number := REQUEST.get():
            line["request"] = number
        line.update(
            (name, without_persons(value))
            for name, value in vars(record).items()
            if name in FIELDS and value not in (None, "")
        )
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = told(record.exc_info[1])
        return self.jsonify_log_record(line)


def told(wrong: BaseException) -> list[dict[str, Any]]:
    """An exception and its causes: kinds and places in the code, the innermost call last."""
    chain: list[dict[str, Any]] = []
    seen: BaseException | None = wrong
    while seen is not None and len(chain) < 5:
        frames = traceback.extract_tb(seen.__traceback__)
        kind = type(seen)
        places = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
        chain.append({"kind": f"{kind.__module__}.{kind.__qualname__}", "places": places[-30:]})
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return chain


def _short(path: str) -> str:
    """A file without the folders of this machine."""
    for mark in ("site-packages/", "/src/", "/lib/"):
        if mark in path:
            return path.rpartition(mark)[2]
    return path.rpartition("/")[2]


def new_number() -> str:
    """A number for a request: letters only, so that no net takes it for somebody's."""
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(12))


def pattern_of(request: HttpRequest) -> str:
    """The pattern of a request's address: what its path is without what it names."""
    match: ResolverMatch | None = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match else ""


def view_of(request: HttpRequest) -> str:
    """The name of the view that answers a request; "" = none did: a file, or nothing there."""
    match: ResolverMatch | None = getattr(request, "resolver_match", None)
    return match.view_name or "" if match else ""


class RequestLogMiddleware:
    """Numbers each request, and writes one line when it was answered. Stands first of all."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = new_number()
        held, started = REQUEST.set(number), time.perf_counter()
        try:
            response = self.respond(request)
            response["X-Request-ID"] = number
            _write(request, response, time.perf_counter() - started)
            return response
        finally:
            REQUEST.reset(held)


def _write(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    view = view_of(request)
    quiet = not view and response.status_code < 400  # a file of ours
    level = logging.ERROR if response.status_code >= 500 else logging.INFO
    log.log(
        logging.DEBUG if quiet else level,
        "request",
        extra={
            "method": request.method,
            "path": pattern_of(request),
            "view": view,
            "status": response.status_code,
            "milliseconds": round(1000 * seconds, 1),
            "account": getattr(getattr(request, "actor", None), "account", None),
        },
    )


def configuration(level: str = "INFO") -> dict[str, Any]:
    """Django's ``LOGGING``: everything to stderr through :class:`PrivateFormatter`.

    ``django.request`` is silent: it would name addresses, and we write a line for every request.

    Raises:
        ConfigurationError: there is no such level.
    """
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ConfigurationError(
            f"HUIYIN_LOG_LEVEL takes DEBUG, INFO, WARNING or ERROR, not {level!r}"
        )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"private": {"()": "huiyin.site.logs.PrivateFormatter"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "private"},
            "none": {"class": "logging.NullHandler"},
        },
        "root": {"level": level, "handlers": ["stderr"]},
        "loggers": {
            "django": {"level": "WARNING", "handlers": [], "propagate": True},
            "django.request": {"handlers": ["none"], "propagate": False},
            "django.server": {"handlers": ["none"], "propagate": False},
            "procrastinate": {"level": "WARNING"},
        },
    }
