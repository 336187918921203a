"""The walls that no combination of roles may climb."""

from __future__ import annotations

import pytest

from huiyin.audit.acts import Act, Actor, Guarded, Held, Place
from huiyin.organisation import permissions
from huiyin.organisation.roles import Role

SEE_SAMPLE = Act("trial.see_sample", "sample", False, frozenset({Guarded.SAMPLES}))
HUNAN_TOWN = Place(region="430381004000")


@pytest.fixture(autouse=True)
def _table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        permissions.TABLE, SEE_SAMPLE.name, {Role.SUPERVISOR: permissions.Scope.REGION}
    )


def test_whoever_belongs_to_a_judged_unit_never_sees_samples_even_as_a_supervisor() -> None:
    supervisor = Actor(1, "chen", held=(Held(Role.SUPERVISOR),))
    assert permissions.refusal(supervisor, SEE_SAMPLE, None) is None
    judged = Actor(1, "chen", held=(Held(Role.SUPERVISOR), Held(Role.HANDLER)), judged=True)
    refused = permissions.refusal(judged, SEE_SAMPLE, None)
    assert refused is not None
    assert refused.code == "behind-a-wall"


@pytest.mark.parametrize(
    ("region", "permitted"), [("4303", True), ("430381004", True), ("430382", False)]
)
def test_a_role_reaches_its_own_region_and_all_below(region: str, permitted: bool) -> None:
    supervisor = Actor(1, "chen", held=(Held(Role.SUPERVISOR, region=region),))
    assert (permissions.refusal(supervisor, SEE_SAMPLE, HUNAN_TOWN) is None) is permitted


def test_a_token_reaches_no_further_than_its_scopes() -> None:
    limited = Actor(1, "chen", held=(Held(Role.SUPERVISOR),), scopes=frozenset({"trial.other"}))
    refused = permissions.refusal(limited, SEE_SAMPLE, None)
    assert refused is not None
    assert refused.code == "not-permitted"
