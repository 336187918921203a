"""The room's pages: what each shows, whether scripts run or not, and what a wrong entry is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.territory import cast

from huiyin.audit.acts import Actor, Held
from huiyin.furniture.jobs import Progress
from huiyin.organisation.models import Account, Holding
from huiyin.organisation.roles import Role
from huiyin.territory import jobs, queries, sections
from huiyin.territory.models import DivisionImport, ImportStatus, RegionSet

pytestmark = pytest.mark.django_db
SignIn = Callable[[Role], Client]


@pytest.fixture
def sign_in(client: Client) -> SignIn:
    def go(role: Role) -> Client:
        account = Account.objects.create_user(role.value, "长而不易猜的密码 2026", name="试")
        Holding.objects.create(account=account, role=role)
        client.force_login(account)
        return client

    return go


@pytest.fixture
def office(sign_in: SignIn) -> Client:
    cast.store()
    return sign_in(Role.OFFICE)


def text_of(client: Client, url: str, **options: Any) -> str:
    answer = client.get(url, **options)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def test_without_regions_the_tree_says_what_to_do_next(sign_in: SignIn) -> None:
    assert "/territory/imports/new/" in text_of(sign_in(Role.OFFICE), "/territory/")


def test_the_tree_opens_down_to_a_region_without_scripts(office: Client) -> None:
    closed = text_of(office, "/territory/")
    assert "湖南省" in closed
    assert "邵东县" not in closed
    opened = text_of(office, "/territory/?open=430521")
    assert "牛马司镇" in opened
    assert "昌隆村委会" not in opened


def test_the_tree_fetches_one_level_for_scripts(office: Client) -> None:
    part = text_of(office, "/territory/430521000000/children/", headers={"HX-Request": "true"})
    assert "牛马司镇" in part
    assert "<html" not in part


def test_the_search_box_answers_as_a_page_and_as_a_part(office: Client) -> None:
    page = text_of(office, "/territory/?q=nms")
    assert "湖南省邵阳市邵东县牛马司镇" in page
    headers = {"HX-Request": "true", "HX-Target": "territory-found"}
    part = text_of(office, "/territory/?q=nms", headers=headers)
    assert "<html" not in part
    assert "没有名称含" in text_of(office, "/territory/?q=不存在")


def test_a_region_is_found_by_any_length_of_its_code(office: Client) -> None:
    for code in ("430521", "430521000000"):
        assert "邵东县" in text_of(office, f"/territory/{code}/")
    assert office.get("/territory/999999/").status_code == 404
    assert office.get("/territory/abc/").status_code == 404


def test_the_page_of_what_has_ended_leads_to_what_followed(office: Client) -> None:
    cast.store(cast.AFTER)
    page = text_of(office, "/territory/430521000000/")
    assert "/territory/430582000000/" in page
    assert "建制变更" in page
    assert "/rename/" not in page


def test_everybody_sees_regions_and_only_some_may_change_them(sign_in: SignIn) -> None:
    cast.store()
    handler = sign_in(Role.HANDLER)
    page = text_of(handler, "/territory/430521000000/")
    assert "/rename/" not in page
    assert handler.get("/territory/430521000000/rename/").status_code == 403
    assert handler.get("/territory/imports/new/").status_code == 403


def test_a_wrong_entry_is_told_beside_its_field_and_changes_nothing(office: Client) -> None:
    answer = office.post("/territory/add/", {"code": "430521101", "name": "又一镇"})
    assert answer.status_code == 422
    assert "牛马司镇" in answer.content.decode()
    bad = office.post("/territory/430521000000/end/", {"on": "2020-01-01"})
    assert bad.status_code == 422
    assert queries.region_of("430521").valid_until is None


def test_forms_change_a_region_and_return_to_its_page(office: Client) -> None:
    data = {"successors": "430582 邵东市", "on": "2019-07-12"}
    answer = office.post("/territory/430521000000/succeed/", data)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/territory/430582000000/")
    data = {"name": "邵东新市", "on": "2020-01-01"}
    answer = office.post("/territory/430582000000/rename/", data)
    assert answer.headers["Location"] == "/territory/430582000000/"
    assert queries.region_of("430582").name == "邵东新市"


def test_the_list_filters_by_the_same_words_as_the_search_box(office: Client) -> None:
    page = text_of(office, "/territory/list/?q=nms&level=4")
    assert "牛马司镇" in page
    assert "牛马司村委会" not in page
    exported = office.get("/territory/list/?in=430521&export=csv")
    assert b"".join(exported).decode().count("\n") == 5  # type: ignore[arg-type]


def test_files_are_read_by_a_job_shown_and_imported_by_another(office: Client) -> None:
    files = [
        SimpleUploadedFile(
            "乡.csv", "代码,名称\n430521103,九龙岭镇\n430599001,孤镇\n".encode("gbk")
        ),
        SimpleUploadedFile("县.csv", "代码,名称\n430522,新邵县\n".encode()),
    ]
    answer = office.post("/territory/imports/new/", {"file": files, "on": "2023-06-30"})
    assert answer.status_code == 302, answer.content.decode()[3000:9000]
    handed = DivisionImport.objects.get()
    actor = Actor(handed.account, "office", held=(Held(Role.OFFICE),))
    jobs.plan_divisions(Progress(actor), handed=handed.pk)
    page = text_of(office, f"/territory/imports/{handed.pk}/")
    assert "九龙岭镇" in page
    assert "缺上级区划" in page
    listing = b"".join(office.get(f"/territory/imports/{handed.pk}/plan/")).decode()  # type: ignore[arg-type]
    assert listing.count("\n") == 4
    handed.refresh_from_db()
    data = {"digest": handed.digest, "leave_out": "1"}
    assert office.post(f"/territory/imports/{handed.pk}/", data).status_code == 302
    told = jobs.import_divisions(Progress(actor), handed=handed.pk, leave_out=True)
    assert told is not None
    assert told["added"] == 2
    assert queries.region_of("430521103").source == handed
    again = jobs.import_divisions(Progress(actor), handed=handed.pk, leave_out=True)
    assert again == told  # a worker that was killed may begin anew


def test_a_file_that_cannot_be_read_says_why_on_its_page(office: Client) -> None:
    file = SimpleUploadedFile("甲.csv", "甲,乙\n1,2\n".encode())
    office.post("/territory/imports/new/", {"file": file, "on": "2023-06-30"})
    handed = DivisionImport.objects.get()
    actor = Actor(handed.account, "office", held=(Held(Role.OFFICE),))
    with pytest.raises(Exception, match=r"甲\.csv"):
        jobs.plan_divisions(Progress(actor), handed=handed.pk)
    handed.refresh_from_db()
    assert handed.status == ImportStatus.REFUSED
    assert "甲.csv" in text_of(office, f"/territory/imports/{handed.pk}/")


def test_what_is_no_table_is_refused_at_the_form(office: Client) -> None:
    file = SimpleUploadedFile("图.csv", b"\x89PNG\r\n\x1a\n\0\0\0\0")
    answer = office.post("/territory/imports/new/", {"file": file, "on": "2023-06-30"})
    assert answer.status_code == 422
    assert not DivisionImport.objects.exists()


def test_a_map_is_attached_shown_and_removed(office: Client) -> None:
    ring = [[110, 27], [111, 27], [111, 28], [110, 28], [110, 27]]
    feature = {
        "type": "Feature",
        "properties": {"adcode": 430521},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    data = {"name": "邵阳各县", "region": "4305", "file": SimpleUploadedFile("m.json", content)}
    answer = office.post("/territory/maps/attach/", data, follow=True)
    page = answer.content.decode()
    assert "<path" in page
    assert "大祥区" in page  # which has no shape
    made = RegionSet.objects.get()
    assert "邵阳各县" in text_of(office, "/territory/maps/")
    assert office.post(f"/territory/maps/{made.pk}/remove/").status_code == 302
    assert not RegionSet.objects.exists()


def test_later_rooms_add_sections_to_a_region(
    office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sections, "_SECTIONS", list(sections._SECTIONS))
    template = "territory/found.html"
    made = sections.Section("trial", "试验一节", template, lambda request, region: {"found": []})
    sections.register(made)
    sections.register(made)
    assert text_of(office, "/territory/430521/").count("试验一节") == 1
    with pytest.raises(ValueError, match="trial"):
        sections.register(sections.Section("trial", "另一节", template, lambda *_: None))


def test_the_page_of_a_region_costs_a_fixed_number_of_queries(
    office: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(40):
        text_of(office, "/territory/430521/")


def test_the_api_lists_searches_gets_and_resolves(office: Client) -> None:
    cast.store(cast.AFTER)
    base = "/api/v1/territory/regions"
    assert office.get(f"{base}/search?q=nms").json()[0]["name"] == "牛马司镇"
    assert office.get(f"{base}/430582101").json()["full_name"] == "湖南省邵阳市邵东市牛马司镇"
    today = date(2026, 11, 28).isoformat()
    found = office.get(f"{base}/430521/resolve?on={today}").json()
    assert [each["code"] for each in found] == ["430582000000"]
    listed = office.get(f"{base}?below=430582&level=4").json()
    assert "430582101000" in json.dumps(listed)
    missing = office.get(f"{base}/999999")
    assert missing.status_code == 404
    assert missing.headers["Content-Type"].startswith("application/problem+json")
    assert office.get(f"{base}/4305/populations").json() == []


def test_an_import_of_another_county_is_neither_listed_nor_shown(client: Client) -> None:
    """site: what others handed in is not shown"""
    cast.store()
    mine = Account.objects.create_user("zhao", name="赵敏")
    county = queries.region_of("430521")
    Holding.objects.create(account=mine, role=Role.OFFICE, region=county)
    theirs, own = (
        DivisionImport.objects.create(account=key, files=[name], on=cast.UPGRADED)
        for key, name in ((mine.pk + 1000, "x.csv"), (mine.pk, "y.csv"))
    )
    client.force_login(mine)
    assert client.get(f"/territory/imports/{own.pk}/").status_code == 200
    assert client.get(f"/territory/imports/{theirs.pk}/").status_code == 404
    assert client.get(f"/territory/imports/{theirs.pk}/plan/").status_code == 404
    listed = text_of(client, "/territory/imports/")
    assert "y.csv" in listed
    assert "x.csv" not in listed
