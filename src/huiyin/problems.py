"""Every way in which the system says no: one catalogue of codes, statuses and messages.

Pages and API say the same sentence, because both print a :class:`Problem`. A code is stable: others
may rely on it. A message names what is wrong and the way out; places and values are filled in when
it is raised. Messages are gettext strings, so the Chinese stands in the catalogue beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: Every kind of problem by its code.
CATALOGUE: dict[str, ProblemKind] = {}


@dataclass(frozen=True)
class ProblemKind:
    """A kind of problem; call it to make the :class:`Problem` to raise.

    Attributes:
        code: stable kebab-case name, such as ``not-permitted``.
        status: the HTTP status that pages and API answer with.
        message: the sentence, with ``{named}`` values.
    """

    code: str
    status: int
    message: str | Promise

    def __call__(self, *, place: str = "", **values: Any) -> Problem:
        return Problem(self, place=place, values=values)


class Problem(Exception):
    """Something the user can mend.

    Attributes:
        kind: what it is.
        place: where: a field, a sheet with row and column, a key.
        values: what fills the message.
    """

    def __init__(
        self, kind: ProblemKind, *, place: str = "", values: Mapping[str, Any] | None = None
    ) -> None:
        self.kind, self.place, self.values = kind, place, dict(values or {})
        super().__init__(kind.code)

    @property
    def code(self) -> str:
        return self.kind.code

    @property
    def status(self) -> int:
        return self.kind.status

    @property
    def message(self) -> str:
        """The sentence in the language now active."""
        return str(self.kind.message).format(**self.values)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


def problem(code: str, status: int, message: str | Promise) -> ProblemKind:
    """Add a kind of problem to the catalogue.

    Raises:
        ValueError: the code is taken.
    """
    if code in CATALOGUE:
        raise ValueError(f"the problem code {code!r} is taken")
    CATALOGUE[code] = ProblemKind(code, status, message)
    return CATALOGUE[code]


NOT_SIGNED_IN = problem(
    "not-signed-in", 401, _("Sign in first; you come back to this page afterwards.")
)
NOT_PERMITTED = problem(
    "not-permitted",
    403,
    _("Your roles do not permit “{act}” here. Ask the administrator of your unit for the role."),
)
BEHIND_A_WALL = problem(
    "behind-a-wall",
    403,
    _("“{act}” is closed to everybody who belongs to a unit that is judged by its result."),
)
NOT_FOUND = problem(
    "not-found", 404, _("There is nothing here. Check the address, or go back to the list.")
)
INVALID = problem("invalid", 422, _("Some of what was entered cannot be taken; see below."))
CONFLICT = problem(
    "changed-meanwhile",
    409,
    _("Somebody changed this while you worked on it. Load it again, then repeat your change."),
)
TOO_MANY_REQUESTS = problem(
    "too-many-requests", 429, _("Too many attempts. Wait {seconds} seconds and try again.")
)
OUR_FAULT = problem(
    "our-fault",
    500,
    _("The program failed; nothing was changed. Report the number {reference} to the operator."),
)

# Lists: filters, cursors, exports

BROKEN_CURSOR = problem(
    "broken-cursor",
    400,
    _(
        "The address of this page of the list is incomplete or belongs to another order. Open the"
        " list again from its beginning."
    ),
)
UNKNOWN_CHOICE = problem(
    "unknown-choice", 422, _("“{value}” is not among the choices. Choose one that is offered.")
)
UNREADABLE_DATE = problem(
    "unreadable-date", 422, _("“{value}” is not a date. Write it like 2026-11-28.")
)
UNREADABLE_NUMBER = problem(
    "unreadable-number", 422, _("“{value}” is not a number. Write it in digits, like 1200.5.")
)
UNREADABLE_REGION = problem(
    "unreadable-region",
    422,
    _("“{value}” is not a division code. Give 2 to 15 digits, like 430582."),
)
UNKNOWN_EXPORT = problem(
    "unknown-export", 400, _("This list is not exported as “{kind}”. Choose a format it offers.")
)
EXPORT_TOO_LARGE = problem(
    "export-too-large",
    422,
    _("More than {limit:,} rows are too many for Excel. Narrow the list, or export it as CSV."),
)
JOB_LOST = problem(
    "job-lost",
    500,
    _(
        "The worker was stopped before this was finished. Look how much of it was done, then start"
        " it again."
    ),
)
JOB_UNKNOWN = problem(
    "job-unknown",
    500,
    _("This version of the program does not know the job “{task}”. Start the work anew."),
)
JOB_WITHOUT_OWNER = problem(
    "job-without-owner", 403, _("The account that started this was closed before it was done.")
)
JOB_ENDED = problem("job-ended", 409, _("This has ended already; there is nothing to stop."))
FORGED_REQUEST = problem(
    "forged-request",
    403,
    _("The page was open for too long, or the request came from elsewhere. Load it and repeat."),
)
UNREADABLE_REQUEST = problem(
    "unreadable-request", 400, _("The body of the request cannot be read. Send it as JSON.")
)
METHOD_NOT_ALLOWED = problem(
    "method-not-allowed", 405, _("This address does not take {method}. Use {allowed}.")
)
TOKEN_INVALID = problem(
    "token-invalid",
    401,
    _("The token is unknown, has expired or was revoked. Make a new one on your account's page."),
)
PASSWORD_EXPIRED = problem(
    "password-expired", 403, _("Your password must be changed first. Sign in to the site to do so.")
)
SECOND_FACTOR_NEEDED = problem(
    "second-factor-needed",
    403,
    _("Your role needs a one-time password. Sign in to the site and set it up first."),
)
