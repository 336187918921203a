"""Files handed in are known by their content, kept out of the web, and given out as downloads."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse

from huiyin.audit.acts import Actor, Held
from huiyin.audit.models import Event
from huiyin.furniture.contents import kind_of
from huiyin.furniture.models import Upload
from huiyin.furniture.uploads import MOST_RECEIVED, clean_name, handed_in, store
from huiyin.organisation.models import Account, Holding
from huiyin.problems import Problem


def office(part: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(part, "<x/>")
    return file.getvalue()


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (20).to_bytes(4, "big") * 2 + b"\x08\x06\0\0\0"
CONTENTS = {
    "xlsx": office("xl/workbook.xml"),
    "docx": office("word/document.xml"),
    "csv": "区划代码,人口数\n430582,1\n".encode("gbk"),
    "geojson": json.dumps({"type": "FeatureCollection", "features": []}).encode(),
    "pdf": b"%PDF-1.7\n",
    "png": PNG,
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 20 + b"\xff\xd9",
}
CLERK = Actor(7, "mei", held=(Held("office"),))


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def file(content: bytes, name: str = "a.bin") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")


@pytest.mark.parametrize("kind", CONTENTS)
def test_a_file_is_what_its_content_says_whatever_its_name(kind: str) -> None:
    found = [each for each in CONTENTS if kind_of(file(CONTENTS[kind]), [each])]
    assert found == [kind]


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b"<svg onload='x'/>",
        b"MZ\x90\0\x03\0\0\0",
        b'{"type": "Other"}',
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\xff" * 8,
        b"\xff\xd8\xff\xe0 no end",
    ],
)
@pytest.mark.django_db
def test_what_is_none_of_the_kinds_taken_is_refused(content: bytes) -> None:
    with pytest.raises(Problem) as wrong:
        store(CLERK, file(content, "list.xlsx"), tuple(CONTENTS))
    assert wrong.value.code == "file-kind"
    assert not Upload.objects.exists()


@pytest.mark.django_db
def test_a_file_is_kept_with_its_digest_under_a_name_of_ours_and_leaves_an_event() -> None:
    upload = store(CLERK, file(CONTENTS["csv"], "../../人口.csv"), ["csv"])
    assert upload.name == "人口.csv"
    assert upload.digest == hashlib.sha256(CONTENTS["csv"]).hexdigest()
    assert "人口" not in upload.file.name
    assert Event.objects.get(key=str(upload.pk)).after["size"] == len(CONTENTS["csv"])


@pytest.mark.django_db
def test_a_file_of_exactly_the_most_bytes_passes_and_one_byte_more_fails() -> None:
    content = CONTENTS["csv"]
    store(CLERK, file(content), ["csv"], max_bytes=len(content))
    with pytest.raises(Problem) as wrong:
        store(CLERK, file(content), ["csv"], max_bytes=len(content) - 1)
    assert (wrong.value.code, wrong.value.status) == ("file-too-large", 413)


@pytest.mark.django_db
def test_an_empty_file_is_refused() -> None:
    with pytest.raises(Problem) as wrong:
        store(CLERK, file(b""), ["csv"])
    assert wrong.value.code == "file-empty"


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("C:\\表\\人口.xlsx", "人口.xlsx"),
        ("a\u202excod.exe", "axcod.exe.xlsx"),
        ("../..", "xlsx.xlsx"),
        ("a\r\nSet-Cookie: x.xlsx", "aSet-Cookie x.xlsx"),
        ("名" * 300 + ".XLSX", "名" * 120 + ".xlsx"),
    ],
)
def test_a_name_is_made_fit_to_be_shown_and_given_out(given: str, cleaned: str) -> None:
    assert clean_name(given, "xlsx") == cleaned


def client_of(name: str) -> tuple[Client, Actor]:
    account = Account.objects.create_user(name, name=name)
    Holding.objects.create(account=account, role="office")
    client = Client()
    client.force_login(account)
    return client, Actor(account.pk, name, held=(Held("office"),))


@pytest.mark.django_db
def test_a_download_is_never_opened_as_a_page_and_belongs_to_whoever_handed_it_in() -> None:
    client, actor = client_of("mei")
    other, _actor = client_of("li")
    upload = store(actor, file(CONTENTS["csv"], "人口.csv"), ["csv"])
    url = reverse("furniture:upload", args=[upload.pk])
    answer = client.get(url)
    assert b"".join(answer.streaming_content) == CONTENTS["csv"]
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert other.get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_a_request_of_200_mb_is_refused_without_keeping_the_file(settings: Any) -> None:
    settings.FILE_UPLOAD_HANDLERS = [
        "huiyin.furniture.uploads.RefuseLargeRequests",
        "django.core.files.uploadhandler.TemporaryFileUploadHandler",
    ]
    request: Any = RequestFactory().post("/", {"file": file(b"x" * 100), "other": "1"})
    request.META["CONTENT_LENGTH"] = str(200 * 2**20)
    with pytest.raises(Problem) as wrong:
        handed_in(request)
    assert wrong.value.code == "file-too-large"
    assert str(MOST_RECEIVED // 2**20) in wrong.value.message
    assert not request.FILES
    assert request.POST["other"] == "1"


def test_no_file_chosen_says_so() -> None:
    with pytest.raises(Problem) as wrong:
        handed_in(RequestFactory().post("/", {}))  # type: ignore[arg-type]
    assert wrong.value.code == "file-missing"
