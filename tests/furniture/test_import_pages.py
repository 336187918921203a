"""An import shows every change before it writes any, and writes all of it or nothing (P-32)."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from huiyin.audit.acts import Actor
from huiyin.audit.models import Event
from huiyin.furniture import acts
from huiyin.furniture.exchange import (
    Change,
    Field,
    Row,
    Sheet,
    added,
    changed,
    code,
    import_pages,
    whole,
)
from huiyin.furniture.models import Job
from huiyin.organisation.models import Account, Holding
from huiyin.site.urls import urlpatterns as site_urlpatterns


class Percents(Sheet):
    """Tasks and their percent, as an example of a list that a room imports."""

    name = "test-percents"
    title = "Percents"
    act = acts.HAND_IN_FILE
    columns: ClassVar = (
        Field("task", ("任务", "Task"), required=True, parse=code(r"\w+", "a1"), note="short"),
        Field("percent", ("百分比", "Percent"), required=True, parse=whole(0, 100)),
    )
    fails = False

    def plan(self, rows: Sequence[Row], actor: Actor) -> list[Change]:
        known = {job.task: job for job in Job.objects.all()}
        changes = []
        for row in rows:
            job = known.get(row["task"])
            after = {"percent": row["percent"]}
            if job is None:
                changes.append(added(row, row["task"], after))
            else:
                before = {"percent": job.percent}
                changes.append(changed(row, row["task"], before, after, thing=job))
        return changes

    def apply(self, changes: Sequence[Change], actor: Actor) -> None:
        for change in changes:
            job = change.thing or Job(task=change.label)
            job.percent = change.after["percent"]
            job.save()
        if self.fails:
            raise RuntimeError("the last row fails")


urlpatterns = [*site_urlpatterns, *import_pages("test/", Percents, "percents")]


@pytest.fixture(autouse=True)
def _addresses(settings: Any, tmp_path: Any, db: None) -> Iterator[None]:
    settings.ROOT_URLCONF = sys.modules[__name__]
    settings.MEDIA_ROOT = tmp_path
    settings.LANGUAGE_CODE = "en"
    with override("en"):
        yield


def signed_in(name: str = "mei") -> Client:
    account = Account.objects.create_user(name, name=name)
    Holding.objects.create(account=account, role="office")
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(account)
    return client


def workbook(rows: list[list[Any]]) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return SimpleUploadedFile("任务.xlsx", file.getvalue())


def hand_in(client: Client, rows: list[list[Any]]) -> Any:
    return client.post(reverse("percents"), {"file": workbook(rows)})


HEAD = ["任务", "百分比"]


def test_the_preview_shows_what_becomes_of_each_row_and_writes_nothing() -> None:
    Job.objects.create(task="a", percent=1)
    Job.objects.create(task="b", percent=2)
    client = signed_in()
    answer = hand_in(client, [HEAD, ["a", 9], ["b", 2], ["c", 3], ["d", 101]])
    page = client.get(answer["Location"])
    preview = page.context["preview"]
    assert preview.counts == {"added": 1, "changed": 1, "unchanged": 1, "rejected": 1}
    lines = page.context["shown"].lines
    assert [(line.row, line.outcome) for line in lines] == [
        (2, "changed"),
        (3, "unchanged"),
        (4, "added"),
        (5, "rejected"),
    ]
    assert lines[0].pairs == [("百分比", 1, 9)]
    assert "101 does not lie between 0 and 100" in lines[3].reasons[0]
    assert set(Job.objects.values_list("task", "percent")) == {("a", 1), ("b", 2)}


def test_confirming_writes_all_in_one_go_with_one_event() -> None:
    Job.objects.create(task="a", percent=1)
    client = signed_in()
    url = hand_in(client, [HEAD, ["a", 9], ["c", 3]])["Location"]
    digest = client.get(url).context["preview"].digest
    events = Event.objects.count()
    assert client.post(url, {"digest": digest})["Location"] == reverse("home")
    assert set(Job.objects.values_list("task", "percent")) == {("a", 9), ("c", 3)}
    assert Event.objects.count() == events + 1
    event = Event.objects.latest("id")
    assert (event.act, event.after["added"], event.after["changed"]) == (Percents.act.name, 1, 1)


def test_rejected_rows_stop_the_import_unless_it_is_ticked_that_they_are_left_out() -> None:
    client = signed_in()
    url = hand_in(client, [HEAD, ["a", 9], ["c", "x"]])["Location"]
    digest = client.get(url).context["preview"].digest
    assert client.post(url, {"digest": digest}).status_code == 422
    assert not Job.objects.exists()
    client.post(url, {"digest": digest, "leave_out": "1"})
    assert list(Job.objects.values_list("task", flat=True)) == ["a"]


def test_what_changed_meanwhile_stops_the_import() -> None:
    job = Job.objects.create(task="a", percent=1)
    client = signed_in()
    url = hand_in(client, [HEAD, ["a", 9]])["Location"]
    digest = client.get(url).context["preview"].digest
    job.percent = 5
    job.save()
    assert client.post(url, {"digest": digest}).status_code == 409
    job.refresh_from_db()
    assert job.percent == 5


def test_an_import_cannot_be_confirmed_twice() -> None:
    client = signed_in()
    url = hand_in(client, [HEAD, ["a", 9]])["Location"]
    digest = client.get(url).context["preview"].digest
    client.post(url, {"digest": digest})
    assert client.post(url, {"digest": digest}).status_code == 404
    assert Job.objects.count() == 1


def test_a_failure_in_the_last_row_leaves_nothing_written(monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in()
    url = hand_in(client, [HEAD, ["a", 9], ["b", 8]])["Location"]
    digest = client.get(url).context["preview"].digest
    monkeypatch.setattr(Percents, "fails", True)
    with pytest.raises(RuntimeError):
        client.post(url, {"digest": digest})
    assert not Job.objects.exists()


def test_three_hundred_bad_rows_come_back_with_their_reasons_and_can_be_mended() -> None:
    client = signed_in()
    rows = [[f"t{at:03}", 200 + at] for at in range(300)]
    url = hand_in(client, [HEAD, *rows])["Location"]
    found = client.get(url).context
    assert found["preview"].counts["rejected"] == 300
    assert len(found["shown"].lines) == 100
    file = client.get(f"{url}rejected/")
    sheet = openpyxl.load_workbook(io.BytesIO(file.content)).active
    back = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert back[0] == [*HEAD, "Reason"]
    assert len(back) == 301
    assert back[300][:2] == ["t299", 499]
    assert "499 does not lie between" in back[300][2]
    mended = [back[0], *([name, 7, reason] for name, _percent, reason in back[1:])]
    again = client.get(hand_in(client, mended)["Location"]).context["preview"]
    assert (again.counts["added"], again.notes) == (300, [])


def test_a_file_that_cannot_be_taken_is_refused_beside_the_field() -> None:
    client = signed_in()
    answer = hand_in(client, [["任务"], ["a"]])
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "百分比" in page
    assert 'aria-invalid="true"' in page
    assert client.post(reverse("percents")).status_code == 422


def test_the_blank_form_can_be_filled_in_and_handed_in() -> None:
    client = signed_in()
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("percents_form")).content))
    sheet = book.active
    assert [cell.value for cell in sheet[1]] == ["任务*", "百分比*"]
    assert sheet["A1"].comment.text == "short"
    rows = [[cell.value for cell in sheet[1]], ["a", "12"]]
    found = client.get(hand_in(client, rows)["Location"]).context["preview"]
    assert found.counts["added"] == 1


def test_nobody_sees_or_confirms_what_another_handed_in() -> None:
    url = hand_in(signed_in(), [HEAD, ["a", 9]])["Location"]
    other = signed_in("li")
    for address in (url, f"{url}rejected/"):
        assert other.get(address).status_code == 404
    assert other.post(url, {"digest": "x"}).status_code == 404


def test_rows_where_the_actor_may_not_act_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    from huiyin.audit.acts import Place

    monkeypatch.setattr(Percents, "place_of", lambda self, row: Place(region="430582000000"))
    client = signed_in()
    found = client.get(hand_in(client, [HEAD, ["a", 9]])["Location"]).context
    assert found["preview"].counts["rejected"] == 1
    assert "do not permit" in found["shown"].lines[0].reasons[0]


def test_many_rows_are_written_by_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Percents, "job_rows", 1)
    client = signed_in()
    url = hand_in(client, [HEAD, ["a", 9], ["b", 8]])["Location"]
    digest = client.get(url).context["preview"].digest
    assert client.post(url, {"digest": digest}).status_code == 302
    job = Job.objects.get(task="furniture.write_import")
    assert job.title == "任务.xlsx"


def test_a_large_file_is_read_by_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huiyin.furniture.exchange.views.SMALL", 10)
    client = signed_in()
    assert hand_in(client, [HEAD, ["a", 9]]).status_code == 302
    assert Job.objects.filter(task="furniture.read_import").exists()


def test_a_preview_that_nobody_confirms_is_removed_after_a_week(
    settings: Any, tmp_path: Path
) -> None:
    """site: nothing that people handed in lies about for ever"""
    from huiyin.furniture.jobs import Progress
    from huiyin.furniture.jobs.tidying import forget_previews

    settings.MEDIA_ROOT = tmp_path
    assert forget_previews(Progress()) == {"removed": 0}
    client = signed_in()
    urls = [hand_in(client, [HEAD, [name, 9]])["Location"] for name in "ab"]
    old, _new = sorted((tmp_path / "previews").iterdir())
    week = time.time() - 7 * 86_400
    os.utime(old, (week - 60, week - 60))
    assert forget_previews(Progress()) == {"removed": 1}
    assert [client.get(url).status_code for url in urls] == [404, 200]
