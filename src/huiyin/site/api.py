"""The API: every room's operations under ``/api/v1/<room>``, by session or by token."""

from __future__ import annotations

import logging
import pkgutil
import secrets
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import module_has_submodule
from ninja import NinjaAPI, Router
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.security import APIKeyCookie, HttpBearer

from huiyin.audit.acts import Actor
from huiyin.furniture.api import PROBLEM_SCHEMA, operation, problem_answer, problem_responses
from huiyin.furniture.telling import problem_of
from huiyin.furniture.views import Request
from huiyin.problems import (
    FORGED_REQUEST,
    INVALID,
    NOT_FOUND,
    NOT_SIGNED_IN,
    OUR_FAULT,
    UNREADABLE_REQUEST,
    Problem,
)
from huiyin.site import acts

log = logging.getLogger(__name__)

DESCRIPTION = """\
Every operation asks the same table of permissions as the pages do; `x-act` names the act.
Sign in by a token (`Authorization: Bearer …`, made on the page of your account) or by the session
of the site. Every error is an `application/problem+json` (RFC 9457) with a stable `code`.
Lists hold `results` and the addresses `next` and `previous`."""


class Token(HttpBearer):
    """``Authorization: Bearer …``; the middleware has already looked the token up."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        return actor if actor.account is not None and actor.scopes is not None else None


class Session(APIKeyCookie):
    """The session of the site; what changes something needs its CSRF token."""

    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        return actor if actor.account is not None and actor.scopes is None else None


class HouseAPI(NinjaAPI):
    """An API whose description holds the schema of a problem."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        described = super().get_openapi_schema(**options)
        described["components"]["schemas"]["Problem"] = PROBLEM_SCHEMA
        described["components"]["responses"] = problem_responses()
        return described


api = HouseAPI(
    title="Huiyin",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    auth=[Token(), Session()],
    openapi_url=None,
    docs_url=None,
)


def mount_rooms() -> None:
    """Mount the routers of ``api.py`` and ``…_api.py`` of every installed room."""
    for room in apps.get_app_configs():
        if not room.name.startswith("huiyin.") or room.label == "site":
            continue
        for name in sorted(found.name for found in pkgutil.iter_modules([room.path])):
            if (name == "api" or name.endswith("_api")) and module_has_submodule(room.module, name):
                router = getattr(import_module(f"{room.name}.{name}"), "router", None)
                if isinstance(router, Router):
                    api.add_router(f"/{room.label}", router)


@api.get("/openapi.json", response=dict, tags=["site"])
@operation(acts.SEE_API)
def description(request: Request) -> dict[str, Any]:
    """The description of this API."""
    return api.get_openapi_schema()


@api.exception_handler(Problem)
def _problem(request: HttpRequest, wrong: Problem) -> HttpResponse:
    return problem_answer(wrong)


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, wrong: Http404) -> HttpResponse:
    return problem_answer(NOT_FOUND())


@api.exception_handler(AuthenticationError)
def _not_signed_in(request: HttpRequest, wrong: AuthenticationError) -> HttpResponse:
    return problem_answer(NOT_SIGNED_IN())


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, wrong: HttpError) -> HttpResponse:
    """Ninja raises these for a body that cannot be read and for a missing CSRF token."""
    return problem_answer(FORGED_REQUEST() if wrong.status_code == 403 else UNREADABLE_REQUEST())


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, wrong: ValidationError) -> HttpResponse:
    errors = [
        (".".join(str(part) for part in error.get("loc", ())), str(error.get("msg", "")))
        for error in wrong.errors
    ]
    return problem_answer(INVALID(), errors)


@api.exception_handler(Exception)
def _our_fault(request: HttpRequest, wrong: Exception) -> HttpResponse:
    if told := problem_of(wrong):
        return problem_answer(told)
    reference = secrets.token_hex(4)
    log.error("failed request", exc_info=wrong, extra={"reference": reference})
    return problem_answer(OUR_FAULT(reference=reference))


mount_rooms()
