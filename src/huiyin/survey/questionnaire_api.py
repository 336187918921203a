"""Questionnaires over HTTP: check one, hand one in, read versions, and run an interview.

An interview is evaluated without being kept: answers go in, the state of every question comes out,
so that another program can put our questions, on its own screens, under our rules.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Field, File, Form, Router, Schema, UploadedFile
from ninja.pagination import paginate
from pydantic import AwareDatetime

from huiyin.furniture.api import Paged, operation, problem_answer
from huiyin.furniture.contents import kind_of
from huiyin.furniture.uploads import MEGABYTE
from huiyin.furniture.views import Request
from huiyin.problems import (
    ANSWER_NOWHERE,
    FILE_EMPTY,
    FILE_KIND,
    FILE_TOO_LARGE,
    QUESTIONNAIRE_WRONG,
)
from huiyin.survey import engine
from huiyin.survey import questionnaire_actions as actions
from huiyin.survey import questionnaire_acts as acts
from huiyin.survey import questionnaire_queries as queries
from huiyin.survey.models import Questionnaire, Version
from huiyin.survey.questionnaire_checks import MOST_BYTES
from huiyin.survey.questionnaire_preview import Entry, preview_of
from huiyin.survey.questionnaire_reading import Reading

router = Router(tags=["questionnaires"])

Answer = str | bool | int | float | list[str] | None


class FindingOut(Schema):
    """One fault of a workbook."""

    code: str = Field(description="stable kebab-case name, such as unknown-function")
    severity: str = Field(description="error: it cannot run; warning: it can")
    sheet: str = Field(description="empty = the whole workbook")
    row: int | None = Field(description="as Excel counts, from 1")
    column: str = Field(description="title of the column; empty = the whole row")
    message: str
    message_zh: str


class CheckOut(Schema):
    """What was found in a workbook; nothing of it is stored."""

    valid: bool
    title: str = ""
    languages: list[str] = Field(default=[])
    questions: int = 0
    findings: list[FindingOut]


class QuestionnaireOut(Schema):
    id: int
    name: str
    note: str
    in_bank: bool


class VersionOut(Schema):
    """A version as a list gives it."""

    id: int
    number: int
    title: str
    note: str
    digest: str = Field(description="SHA-256 of the workbook")
    languages: list[str]
    questions: int
    created_at: datetime


class ChoiceOut(Schema):
    value: str
    label: str


class TextOut(Schema):
    """What is said of an entry in one language; conditions are in words."""

    language: str
    label: str
    hint: str
    choices: list[ChoiceOut]
    asked_if: str
    taken_if: str
    message: str
    worked_out: str


class EntryOut(Schema):
    """One part, note, question or calculation, in the order of asking."""

    kind: str = Field(description="part, repeat, note, question or calculation")
    name: str
    path: str
    number: int | None
    required: bool
    texts: list[TextOut]


class VersionDetail(VersionOut):
    entries: list[EntryOut]


class InterviewIn(Schema):
    """The answers of an interview so far."""

    answers: dict[str, Answer] = Field(
        default={},
        description="by address, such as /data/part/age or age; several choices as a list of codes."
        " Instances of repeats are added where an address asks for one: /data/person[2]/age",
    )
    language: str = Field("zh", description="code or name of a language of the questionnaire")
    seed: int | None = Field(None, description="of everything random; give back the one answered")
    now: AwareDatetime | None = Field(
        None, description="for today() and now(), with its time zone; by default the moment"
    )


class QuestionOut(Schema):
    """How a question stands."""

    path: str
    label: str
    hint: str
    type: str
    relevant: bool
    required: bool
    readonly: bool
    valid: bool
    message: str
    value: str
    choices: list[ChoiceOut] = Field(description="those on offer now, in the order to be offered")


class ProblemOut(Schema):
    path: str
    code: str
    message: str


class InterviewOut(Schema):
    """The state of an interview."""

    seed: int
    language: str
    complete: bool = Field(description="nothing keeps the interview from being finished")
    questions: list[QuestionOut]
    problems: list[ProblemOut]
    values: dict[str, str] = Field(
        description="answers and calculated values by address, those that are relevant"
    )


@router.post("/questionnaires/check", response=CheckOut)
@operation(acts.CHECK_QUESTIONNAIRE)
def check(request: Request, file: File[UploadedFile]) -> dict[str, Any]:
    """Check a workbook (XLSForm, .xlsx); every finding is told, nothing is stored."""
    try:
        reading = Reading(engine.compile(_content(file)))
    except engine.QuestionnaireError as wrong:
        return {"valid": False, "findings": [asdict(each) for each in wrong.findings]}
    return {
        "valid": True,
        "title": reading.form.title,
        "languages": [tongue.title for tongue in reading.tongues],
        "questions": len(reading.numbers),
        "findings": [asdict(each) for each in reading.questionnaire.warnings],
    }


def _content(file: UploadedFile) -> bytes:
    """The content of a workbook that was sent.

    Raises:
        Problem: ``file-empty``, ``file-too-large`` or ``file-kind``.
    """
    if not file.size:
        raise FILE_EMPTY(place="file")
    if file.size > MOST_BYTES:
        raise FILE_TOO_LARGE(place="file", limit=MOST_BYTES // MEGABYTE)
    if kind_of(file, ("xlsx",)) is None:
        raise FILE_KIND(place="file", kinds="xlsx")
    file.seek(0)
    content: bytes = file.read()
    return content


@router.get("/questionnaires", response=list[QuestionnaireOut])
@operation(acts.SEE_QUESTIONNAIRES)
@paginate(Paged, ordering=("name", "id"))
def questionnaires(request: Request, in_bank: bool = False) -> QuerySet[Questionnaire]:
    """List questionnaires: one's own, or those of the question bank."""
    return Questionnaire.objects.filter(in_bank=in_bank)


@router.get("/questionnaires/{int:pk}/versions", response=list[VersionOut])
@operation(acts.SEE_QUESTIONNAIRES)
@paginate(Paged, ordering=("-number", "-id"))
def versions(request: Request, pk: int) -> QuerySet[Version]:
    """The versions of a questionnaire, the latest first."""
    return queries.questionnaire_of(pk).versions.defer("workbook")


@router.post("/questionnaires/{int:pk}/versions", response=VersionOut)
@operation(acts.HAND_IN_VERSION)
def hand_in(
    request: Request, pk: int, file: File[UploadedFile], note: Form[str] = ""
) -> Version | HttpResponse:
    """Hand in a workbook as the next version; with any mistake in it nothing is stored."""
    found = queries.questionnaire_of(pk)
    try:
        return actions.hand_in_version(request.actor, found, _content(file), note)
    except engine.QuestionnaireError as wrong:
        listed = [(each.place, each.message_zh) for each in wrong.findings]
        return problem_answer(QUESTIONNAIRE_WRONG(place="file", count=len(listed)), listed)


@router.get("/versions/{int:pk}", response=VersionDetail)
@operation(acts.SEE_QUESTIONNAIRES)
def version(request: Request, pk: int) -> dict[str, Any]:
    """A version with every entry, in all its languages."""
    found = queries.version_of(pk)
    preview = preview_of(queries.reading_of(found))
    plain = VersionOut.from_orm(found).dict()
    return {**plain, "entries": [_entry(each) for each in preview.entries]}


def _entry(entry: Entry) -> dict[str, Any]:
    texts = [
        {
            "language": said.tongue.name,
            "label": said.label,
            "hint": said.hint,
            "choices": [{"value": each.code, "label": each.text} for each in said.options],
            "asked_if": said.when,
            "taken_if": said.must,
            "message": said.message,
            "worked_out": said.worked_out,
        }
        for said in entry.sayings
    ]
    return {
        "kind": entry.kind, "name": entry.name, "path": entry.path, "number": entry.number,
        "required": entry.required, "texts": texts,
    }  # fmt: skip


@router.get("/versions/{int:pk}/xform", response=str)
@operation(acts.SEE_QUESTIONNAIRES)
def xform(request: Request, pk: int) -> HttpResponse:
    """The XForms document of a version, for other engines."""
    document = queries.compiled(queries.version_of(pk)).to_xform()
    return HttpResponse(document, content_type="application/xml")


@router.get("/versions/{int:pk}/workbook", response=str)
@operation(acts.SEE_QUESTIONNAIRES)
def workbook(request: Request, pk: int) -> HttpResponse:
    """The workbook of a version as it was handed in."""
    content = actions.workbook_of(queries.version_of(pk))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return HttpResponse(content, content_type=kind)


@router.post("/versions/{int:pk}/evaluate", response=InterviewOut)
@operation(acts.EVALUATE_INTERVIEW)
def evaluate(request: Request, pk: int, interview: InterviewIn) -> dict[str, Any] | HttpResponse:
    """Evaluate an interview: answers in, state out; nothing of it is kept.

    An answer of the wrong kind or outside the choices is no error of the request: its question
    comes back with ``valid: false`` and a message. An address that leads nowhere is one.
    """
    found = queries.compiled(queries.version_of(pk))
    going = found.start(interview.seed, interview.language, now=interview.now or request.now)
    try:
        going.fill(interview.answers)
    except engine.AnswerRefused as wrong:
        return problem_answer(ANSWER_NOWHERE(place=wrong.path, path=wrong.path))
    problems = going.problems()
    return {
        "seed": going.seed,
        "language": going.language,
        "complete": not problems,
        "questions": [each.as_dict() for each in going.state()],
        "problems": [asdict(each) for each in problems],
        "values": going.values(),
    }
