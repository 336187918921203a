"""Every operation of the API says which act it is; a problem is told as RFC 9457 has it.

A room's ``api.py`` (or a module named ``…_api.py``) holds ``router = ninja.Router(tags=[…])``,
which the site mounts at ``/api/v1/<room>``::

    @router.get("/regions", response=list[RegionOut])
    @operation(acts.SEE_REGIONS)
    @paginate(Paged, ordering=("code",))
    def regions(request: Request) -> QuerySet[Region]: ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial, wraps
from http import HTTPStatus
from inspect import unwrap
from types import SimpleNamespace
from typing import Any, get_type_hints

import pydantic
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja.operation import Operation
from ninja.pagination import CursorPagination
from ninja.utils import contribute_operation_callback

from huiyin.audit.acts import Act, require
from huiyin.furniture.views import Locate, Request
from huiyin.problems import INVALID, Problem

__all__ = ["OFFERED", "Paged", "operation", "problem_answer", "problem_body", "problem_responses"]

#: Every act that an operation does: what a token can be made for.
OFFERED: set[Act] = set()

PROBLEM_TYPE = "application/problem+json"
#: What an operation may answer besides its result, as the description of the API says it.
DOCUMENTED = (400, 401, 403, 404, 409, 422, 429)


def operation(act: Act, *, at: Locate | None = None) -> Callable[[Any], Any]:
    """An operation that is the act: whoever may not do it is refused before its body is read.

    Args:
        at: gives, from the values of the path, the place where the act falls. Without it the
            operation is open to whoever may do the act anywhere, and must narrow what it lists.
    """

    def furnish(view: Any) -> Any:
        _resolve_types(view)
        contribute_operation_callback(view, partial(_guard, act=act, at=at))
        view.act = act
        OFFERED.add(act)
        return view

    return furnish


def _resolve_types(view: Any) -> None:
    """Turn the names of parameter types into types.

    Ninja looks them up in the module of the outermost function, which for a paged operation is its
    own, where a room's types are not known.
    """
    inner = unwrap(view)
    named = {
        name: type_
        for name, type_ in inner.__annotations__.items()
        if name not in ("request", "return")
    }
    shim = SimpleNamespace(__annotations__=named)
    inner.__annotations__.update(
        get_type_hints(shim, globalns=inner.__globals__, include_extras=True)
    )


def _guard(operation: Operation, act: Act, at: Locate | None) -> None:
    def decorate(run: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(run)
        def guarded(request: Request, **path: Any) -> Any:
            bound: Operation = unwrap(run).__self__
            try:
                require(request.actor, act)
                if at is not None:
                    require(request.actor, act, at(**_values_of_path(bound, request, path)))
            except pydantic.ValidationError:
                return run(request, **path)  # which tells what is wrong with the path
            except Exception as wrong:
                return bound.api.on_exception(request, wrong)
            return run(request, **path)

        return guarded

    operation.run = decorate(operation.run)  # type: ignore[method-assign]
    # ninja repeats what stands here when it binds the operation to an API
    operation._run_decorators = [*getattr(operation, "_run_decorators", []), decorate]  # type: ignore[attr-defined]
    operation.openapi_extra = {
        **(operation.openapi_extra or {}),
        "x-act": act.name,
        "responses": {
            status: {"$ref": f"#/components/responses/Problem{status}"} for status in DOCUMENTED
        },
    }


def _values_of_path(bound: Operation, request: HttpRequest, path: dict[str, Any]) -> dict[str, Any]:
    """The values of the path as the operation's signature types them."""
    values: dict[str, Any] = {}
    for model in bound.models:
        if model.__ninja_param_source__ == "path":
            values.update(model.resolve(request, bound.api, path))
    return values


def problem_responses() -> dict[str, Any]:
    """The answers of every operation besides its result, for the description of the API."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        f"Problem{status}": {
            "description": HTTPStatus(status).phrase,
            "content": {PROBLEM_TYPE: {"schema": schema}},
        }
        for status in DOCUMENTED
    }


#: The schema of a problem (RFC 9457), for the description of the API.
PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "description": "urn:huiyin:problem: and the code"},
        "title": {"type": "string", "description": "the phrase of the HTTP status"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what is wrong, and the way out"},
        "code": {"type": "string", "description": "stable; see problems.py"},
        "place": {"type": "string", "description": "the field, or sheet, row and column"},
        "errors": {
            "type": "array",
            "description": "each thing that is wrong with what was sent",
            "items": {
                "type": "object",
                "properties": {"place": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


def problem_body(wrong: Problem, errors: Iterable[tuple[str, str]] = ()) -> dict[str, object]:
    """A problem as RFC 9457 writes it; ``errors`` are pairs of place and sentence."""
    body: dict[str, object] = {
        "type": f"urn:huiyin:problem:{wrong.code}",
        "title": HTTPStatus(wrong.status).phrase,
        "status": wrong.status,
        "detail": wrong.message,
        "code": wrong.code,
    }
    if wrong.place:
        body["place"] = wrong.place
    if listed := [{"place": place, "detail": detail} for place, detail in errors]:
        body["errors"] = listed
    return body


def problem_answer(wrong: Problem, errors: Iterable[tuple[str, str]] = ()) -> HttpResponse:
    """The answer that tells a problem to a program."""
    answer = JsonResponse(
        problem_body(wrong, errors),
        status=wrong.status,
        content_type=PROBLEM_TYPE,
        json_dumps_params={"ensure_ascii": False},
    )
    if wrong.status == HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


class Paged(CursorPagination):
    """Pages by the last row seen, so that the thousandth page is as fast as the first.

    The first name of ``ordering`` should be nearly unique. Answers hold ``results``, and the
    addresses ``next`` and ``previous``.
    """

    def __init__(self, *, ordering: tuple[str, ...] = ("-pk",), **options: Any) -> None:
        super().__init__(ordering=ordering, page_size=100, max_page_size=500, **options)

    def paginate_queryset(
        self, queryset: QuerySet[Any], pagination: Any, request: HttpRequest, **params: Any
    ) -> Any:
        try:
            return super().paginate_queryset(queryset, pagination, request, **params)
        except (ValueError, TypeError, ValidationError) as wrong:
            raise INVALID(place="cursor") from wrong
