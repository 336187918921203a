"""The description of the API in the repository is what the code says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from huiyin.audit.acts import ACTS
from huiyin.site import openapi
from huiyin.site.api import api

#: Lists that are given whole, each with the reason why it stays short.
SHORT = {
    "GET /api/v1/organisation/campaign-types": "an office has a handful of kinds of campaign",
    "GET /api/v1/organisation/coverage": "one row for each region directly below one",
    "GET /api/v1/organisation/groups/{group}/charters": "editions of one charter",
    "GET /api/v1/organisation/groups/{group}/commitments": "one for each head of a group",
    "GET /api/v1/organisation/groups/{group}/members": "the units of one group",
    "GET /api/v1/organisation/posts/{post}/holders": "one after the other in one post",
    "GET /api/v1/organisation/readiness": "the judged units of one reach",
    "GET /api/v1/organisation/templates": "an office has a handful of templates",
    "GET /api/v1/survey/indicator-sets/{indicator_set}/check": "what keeps one set from a version",
    "GET /api/v1/survey/rounds/{round}/changes": "what differs between two rounds",
    "GET /api/v1/territory/calendar": "the days of one year that are not as usual",
    "GET /api/v1/territory/regions/search": "fifty at most",
    "GET /api/v1/territory/regions/{code}/populations": "one for each year and kind",
    "GET /api/v1/territory/regions/{code}/resolve": "the parts of one region that was split",
}


@pytest.fixture(scope="module")
def operations() -> dict[str, dict[str, Any]]:
    paths = json.loads(openapi.described())["paths"]
    return {
        f"{method.upper()} {path}": described
        for path, methods in paths.items()
        for method, described in methods.items()
    }


def test_the_file_is_what_the_code_says() -> None:
    """After a change of the API run: python -m huiyin.site.openapi"""
    assert openapi.FILE.read_text("utf-8") == openapi.described()


def test_every_operation_names_its_act(operations: dict[str, dict[str, Any]]) -> None:
    assert [name for name, each in operations.items() if each.get("x-act") not in ACTS] == []


def test_every_operation_documents_its_problems(operations: dict[str, dict[str, Any]]) -> None:
    for name, each in operations.items():
        for status in ("400", "401", "403", "404", "409", "422", "429"):
            told = each["responses"][status]
            assert told == {"$ref": f"#/components/responses/Problem{status}"}, name


def test_every_operation_says_what_it_does(operations: dict[str, dict[str, Any]]) -> None:
    assert [name for name, each in operations.items() if not each.get("description")] == []


def test_no_two_operations_share_a_name(operations: dict[str, dict[str, Any]]) -> None:
    names = [each["operationId"] for each in operations.values()]
    assert len(names) == len(set(names))


def test_lists_are_paged(operations: dict[str, dict[str, Any]]) -> None:
    """A list that is not could one day hold a million rows."""
    whole = set()
    for name, each in operations.items():
        content = each["responses"].get("200", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        if name.startswith("GET") and schema.get("type") == "array":
            whole.add(name)
    assert whole == set(SHORT)


def test_the_description_loads_nothing_from_elsewhere() -> None:
    assert api.docs_url is None
    assert "http://" not in openapi.described()
    assert "https://" not in openapi.described()
