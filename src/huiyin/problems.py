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

# Files handed in

FILE_EMPTY = problem(
    "file-empty", 422, _("The file is empty. Choose the file that holds the data.")
)
FILE_TOO_LARGE = problem(
    "file-too-large",
    413,
    _("The file is larger than {limit} MB. Split it, or leave out pictures and unused sheets."),
)
FILE_KIND = problem(
    "file-kind",
    422,
    _("By its content this is no file of the kinds taken here: {kinds}. Choose another file."),
)
OLD_EXCEL = problem(
    "old-excel", 422, _("This is an old .xls workbook. Save it as .xlsx and hand that in.")
)
FILE_PROTECTED = problem(
    "file-protected", 422, _("The file is protected by a password. Save a copy without one.")
)
FILE_DAMAGED = problem(
    "file-damaged", 422, _("The file cannot be opened; it is damaged. Save it again and retry.")
)
FILE_SWELLS = problem(
    "file-swells",
    422,
    _(
        "Unpacked, the file would be far larger than any list. Copy the cells with data into a new"
        " workbook and hand that in."
    ),
)
FILE_DECLARES = problem(
    "file-declares",
    422,
    _("The file declares XML entities, which no spreadsheet needs. Save it again with Excel."),
)
TEXT_ENCODING = problem("text-encoding", 422, _("The text cannot be read: {reason}"))
NO_ROWS = problem("no-rows", 422, _("No row below the head holds anything. Fill in the rows."))
TOO_MANY_ROWS = problem(
    "too-many-rows", 422, _("More than {limit:,} rows. Split the file into several.")
)
COLUMNS_MISSING = problem(
    "columns-missing",
    422,
    _("The columns {columns} are missing. Put their titles in one row above the data."),
)
COLUMN_TWICE = problem(
    "column-twice", 422, _("Two columns say “{column}”: {letters}. Delete or rename one of them.")
)
CELLS_MERGED = problem(
    "cells-merged",
    422,
    _("The cells {cells} are merged. Unmerge them and fill in every row."),
)
FORMULA_UNCALCULATED = problem(
    "formula-uncalculated",
    422,
    _("The formula in {cell} has no stored result. Open the file in Excel and save it again."),
)

# Cells of a file handed in

CELL_EMPTY = problem("cell-empty", 422, _("Empty, but a value is needed. Fill it in."))
CELL_ERROR = problem(
    "cell-error", 422, _("The cell holds the error {value}. Correct the formula or empty the cell.")
)
CELL_TOO_LONG = problem(
    "cell-too-long", 422, _("{length} characters, at most {limit} are taken. Shorten the text.")
)
CELL_LOST_DIGITS = problem(
    "cell-lost-digits",
    422,
    _("“{value}” has lost its last digits. Format the column as text and enter the code again."),
)
CELL_BAD_CODE = problem("cell-bad-code", 422, _("“{value}” is no code like {example}. Correct it."))
CELL_NOT_A_NUMBER = problem(
    "cell-not-a-number", 422, _("“{value}” is not a number. Enter digits without a unit.")
)
CELL_NOT_WHOLE = problem(
    "cell-not-whole", 422, _("“{value}” is not a whole number. Enter one without decimals.")
)
CELL_OUT_OF_RANGE = problem(
    "cell-out-of-range", 422, _("{value} does not lie between {low} and {high}. Correct it.")
)
CELL_NOT_A_DATE = problem(
    "cell-not-a-date", 422, _("“{value}” is not a date. Enter it like 2026-11-28.")
)
CELL_NOT_A_CHOICE = problem(
    "cell-not-a-choice", 422, _("“{value}” is not one of: {choices}. Enter one of them.")
)
ROW_TWICE = problem(
    "row-twice", 422, _("The same as row {row}: {label}. Leave only one of the two.")
)
TOO_MANY_FILES = problem(
    "too-many-files", 422, _("At most {limit} files are taken in one go. Hand in the rest after.")
)
DIVISION_CODE = problem(
    "division-code",
    422,
    _("“{given}” is no division code. Write 2, 4, 6, 9 or 12 digits (a grid: 15), as text."),
)
DIVISION_NAME = problem(
    "division-name",
    422,
    _("“{given}” cannot be a name of a region. Write 1 to 100 characters, no formula, no number."),
)
DIVISION_DATE = problem(
    "division-date", 422, _("“{given}” is no date. Write it like 2019-07-12 or 2019年7月12日.")
)
DIVISION_LEVEL = problem(
    "division-level",
    422,
    _(
        "The code {code} is one of level “{found}”, but the row says “{given}”."
        " Correct one of them."
    ),
)
DIVISION_CLASS = problem(
    "division-class",
    422,
    _("“{given}” is no urban–rural class. Write 111, 112, 121, 122, 123, 210 or 220."),
)
DIVISION_WITHOUT_PARENT = problem(
    "division-without-parent",
    422,
    _("{code} {name} would lie in {parent}, which is neither here nor in the file. Import it too."),
)
DIVISION_OTHER_PARENT = problem(
    "division-other-parent",
    422,
    _("{code} lies in {found} by its code, but the row says {given}. Correct one of them."),
)
DIVISION_TWICE = problem(
    "division-twice",
    422,
    _(
        "The code {code} stands twice with different names: “{name}” and “{other}”"
        " ({place_of_other})."
    ),
)
DIVISION_FORMER_UNKNOWN = problem(
    "division-former-unknown",
    422,
    _("The former code {former} is not in force here. Correct it, or leave it empty."),
)
DIVISION_FORMER_STAYS = problem(
    "division-former-stays",
    422,
    _(
        "{former} is named as a former code, but a row of its own keeps it in force."
        " Drop one of them."
    ),
)
DIVISION_TOO_EARLY = problem(
    "division-too-early",
    422,
    _("{code} holds only since {since}; what follows it must begin later."),
)
DIVISION_CODE_TAKEN = problem(
    "division-code-taken",
    409,
    _("The new code {code} is taken by {name}. Choose another, or name its former code in a file."),
)
DIVISION_FUTURE = problem(
    "division-future",
    422,
    _("This day is still to come. Record the change from {today} back, or on the day itself."),
)
DIVISION_HAS_BELOW = problem(
    "division-has-below",
    409,
    _("{count} regions still lie in {name}. End them first, or import what follows them."),
)
DIVISION_ENDED = problem(
    "division-ended", 409, _("{name} ended on {until}. Go to the region that followed it.")
)
DIVISION_REJECTED = problem(
    "division-rejected",
    422,
    _(
        "{count} rows cannot be taken. Correct them,"
        " or say that the others are imported without them."
    ),
)
DIVISION_MEANWHILE = problem(
    "division-meanwhile",
    409,
    _("Regions were changed since this preview was made. Look at the new preview, then confirm."),
)
DIVISION_OUTSIDE = problem(
    "division-outside",
    403,
    _("The file changes regions outside {region}. Leave those rows out, or ask an administrator."),
)
DIVISION_UNKNOWN = problem(
    "division-unknown",
    404,
    _("There is no region with the code {code}. Search for it by its name."),
)
POPULATION_AGES = problem(
    "population-ages",
    422,
    _("“{given}” is no age band. Write 18-24, 80+ or 全部 for all ages."),
)
POPULATION_OVERLAP = problem(
    "population-overlap",
    422,
    _("“{one}” and “{other}” count the same people twice. Give either the parts or their sum."),
)
POPULATION_TWICE = problem(
    "population-twice", 422, _("These people stand in the file already ({other}). Keep one row.")
)
MAP_UNREADABLE = problem(
    "map-unreadable", 422, _("This is no GeoJSON FeatureCollection of areas. Export it as GeoJSON.")
)
MAP_TOO_LARGE = problem(
    "map-too-large",
    422,
    _("The map has {given} {what}; at most {limit} are taken. Simplify it, then attach it again."),
)
MAP_NO_CODES = problem(
    "map-no-codes",
    422,
    _("No feature has a division code in the property “{given}”. The properties are: {offered}."),
)
MAP_UNKNOWN_CODES = problem(
    "map-unknown-codes",
    422,
    _("These codes of the map are no regions here: {codes}. Import the regions, or correct them."),
)
MAP_TWICE = problem(
    "map-twice", 422, _("The code {code} stands on two features. Join them, then attach the map.")
)
MAP_PLANE = problem(
    "map-plane",
    422,
    _("The coordinates are no longitudes and latitudes. Export the map in WGS 84 (EPSG:4326)."),
)
MAP_NAME_TAKEN = problem(
    "map-name-taken", 409, _("There is a map of this name already. Choose another name.")
)

DAYS_OUT_OF_ORDER = problem(
    "days-out-of-order",
    422,
    _("The last day ({until}) lies before the first ({since}). Change one of them."),
)
DAY_IN_FUTURE = problem(
    "day-in-future",
    422,
    _("{day} lies in the future. Only what has happened is recorded here; correct the day."),
)
NAME_TAKEN = problem(
    "name-taken",
    409,
    _("“{name}” exists already in {region}. Open that one, or choose another name."),
)
SUPERIOR_CIRCLE = problem(
    "superior-circle",
    422,
    _("“{name}” stands below this one and so cannot be its superior. Choose another."),
)
REGION_UNKNOWN = problem(
    "region-unknown",
    422,
    _("No region is called “{value}” or has this code. Choose one of the list, or give its code."),
)
REGION_AMBIGUOUS = problem(
    "region-ambiguous",
    422,
    _("Several regions are called “{value}”: {codes}. Give the code of the one that is meant."),
)
UNIT_UNKNOWN = problem(
    "unit-unknown",
    422,
    _("No unit is called “{value}”. Choose one of the list, or add the unit first."),
)
UNIT_AMBIGUOUS = problem(
    "unit-ambiguous",
    422,
    _("Several units are called “{value}”: {choices}. Choose one of the list."),
)
POST_HELD = problem(
    "post-held",
    409,
    _(
        "“{post}” is held by {name} from {since} until {until}. A post has one holder at a time: "
        "end that holding first, or choose other days."
    ),
)
POST_VACANT = problem(
    "post-vacant",
    422,
    _("Nobody held “{post}” on {day}. Enter the holder of the post first, or correct the day."),
)
POST_ABOLISHED = problem(
    "post-abolished",
    409,
    _("“{post}” was abolished on {day} and takes no new holder. Add a new post instead."),
)
PAIRED_ALREADY = problem(
    "paired-already",
    409,
    _("“{post}” answers for {region} already, from {since} until {until}. Change that entry."),
)
HOLDING_ENDED = problem(
    "holding-ended",
    409,
    _("This ended on {day} already. Load the page again to see how it stands."),
)
MEETING_OUT_OF_ORDER = problem(
    "meeting-out-of-order",
    422,
    _(
        "No. {number} of this series was held on {day}; the next one cannot be earlier. "
        "Correct the day, or choose the other kind of meeting."
    ),
)
MEETING_NUMBER_FOLLOWS = problem(
    "meeting-number-follows",
    422,
    _("This series goes on with no. {number}. Leave the number empty to take it."),
)
DUTY_MISSING = problem(
    "duty-missing",
    409,
    _(
        "“{group}” does not have the duty “{duty}”, which “{act}” needs. "
        "Ask the office to give the group this duty."
    ),
)
DUE_BEFORE_MEETING = problem(
    "due-before-meeting",
    422,
    _("What the meeting of {day} decided cannot be due before it. Choose a later day."),
)
DECISION_DONE = problem(
    "decision-done",
    409,
    _("This decision was reported done on {day} already; nothing was changed."),
)
LEAD_AND_MEMBER = problem(
    "lead-and-member",
    422,
    _("{unit} cannot be lead unit and member unit at once. Take it out of one of the two."),
)
STUDY_TWICE_A_MONTH = problem(
    "study-twice-a-month",
    409,
    _("{unit} has a topic for {month} already: “{topic}”. Change that one instead."),
)
NOT_A_VILLAGE = problem(
    "not-a-village",
    422,
    _("{region} is not a village. Advisers and auxiliary police are entered for villages."),
)
TEMPLATE_EMPTY = problem(
    "template-empty", 422, _("The structure has no group. Write at least one line.")
)
TEMPLATE_KIND = problem(
    "template-kind",
    422,
    _("Line {line}: “{value}” is no kind of group. Write one of: {choices}."),
)
TEMPLATE_NAME = problem(
    "template-name",
    422,
    _("Line {line}: the name of the group is missing or longer than 100 characters."),
)
TEMPLATE_NAME_TWICE = problem(
    "template-name-twice",
    422,
    _("Line {line}: “{value}” stands in an earlier line already. Each group needs its own name."),
)
TEMPLATE_SUPERIOR = problem(
    "template-superior",
    422,
    _("Line {line}: the superior “{value}” stands in no earlier line. Write superiors first."),
)
TEMPLATE_POST = problem(
    "template-post", 422, _("Line {line}: the post “{value}” is longer than 60 characters.")
)
TEMPLATE_DUTY = problem(
    "template-duty",
    422,
    _("Line {line}: “{value}” is no duty. Write some of: {choices}."),
)
NUMBERS_AND_ANSWERS = problem(
    "numbers-and-answers",
    403,
    _(
        "“{act}” is closed to you, because your roles together would show phone numbers and"
        " answers. Have one of the roles revoked."
    ),
)
ROLES_CLASH_AUDITOR = problem(
    "auditor-holds-another-role",
    422,
    _("An auditor holds no other role, so that nobody audits his own work. Choose another person."),
)
ROLES_CLASH_CENTRE = problem(
    "centre-role-for-the-judged",
    422,
    _(
        "“{role}” is a role of the survey centre. {name} belongs to a unit that is judged by its"
        " result, or answers for one. Choose another person."
    ),
)
ROLES_CLASH_VERIFIER = problem(
    "verifier-of-own-interviews",
    422,
    _("Whoever makes interviews does not verify them. Revoke the other role first."),
)
ROLES_CLASH_NUMBERS = problem(
    "roles-show-numbers-and-answers",
    422,
    _("These roles together would show phone numbers and answers. Revoke the other role first."),
)
ROLE_HELD_ALREADY = problem(
    "role-held-already",
    409,
    _("{name} holds “{role}” there already. Revoke it first to change it."),
)
ROLE_NEEDS_UNIT = problem("role-needs-unit", 422, _("“{role}” is held in a unit. Name the unit."))
LAST_ADMINISTRATOR = problem(
    "last-administrator",
    409,
    _("This is the last administrator. Make somebody else administrator first."),
)
ACCOUNT_CLOSED = problem(
    "account-closed", 409, _("The account “{name}” is closed. Reopen it first.")
)
USERNAME_TAKEN = problem(
    "username-taken", 409, _("The sign-in name “{name}” is taken. Choose another.")
)
LINK_INVALID = problem(
    "link-invalid",
    410,
    _("This link was used, has expired or was withdrawn. Ask your administrator for a new one."),
)
PERIOD_REVERSED = problem(
    "period-reversed", 422, _("The end lies before the beginning. Enter a later day.")
)
TOKEN_SCOPES = problem(
    "token-scopes", 422, _("A token needs at least one act that you may do yourself.")
)
FILE_MISSING = problem("file-missing", 422, _("No file was chosen. Choose one, then hand it in."))
NOTHING_TO_IMPORT = problem(
    "nothing-to-import", 422, _("No row of the file would add or change anything.")
)
ROWS_LEFT_OUT = problem(
    "rows-left-out",
    422,
    _(
        "{count} rows were rejected. Mend them and hand the file in again, or tick that the other"
        " rows are to be imported without them."
    ),
)
SIGN_IN_LOCKED = problem(
    "sign-in-locked",
    429,
    _(
        "Sign-in is locked after too many failures. Try again in {minutes} minutes, or ask your"
        " administrator to lift the lock."
    ),
)
UNREADABLE_ANCHOR = problem(
    "unreadable-anchor",
    422,
    _("This is no head of the audit. Give the file that “huiyin audit head --json” wrote."),
)
UNKNOWN_ANCHOR = problem(
    "unknown-anchor",
    422,
    _(
        "No checkpoint of the audit has this hash. Give the file of the head, or look whether the"
        " hash is copied whole; if it is, the audit it was taken from is not this one."
    ),
)
UNREADABLE_MOMENT = problem(
    "unreadable-moment",
    422,
    _("“{value}” is no day and no moment. Write 2026-11-28 or 2026-11-28T16:30."),
)
ROLE_TO_ONESELF = problem(
    "role-to-oneself",
    403,
    _("Nobody grants a role to himself. Ask another administrator."),
)
NOBODY_TO_INVITE = problem(
    "nobody-to-invite",
    409,
    _("Every account that you look after has a password. Make a link on the page of an account."),
)
CELL_BAD_USERNAME = problem(
    "cell-bad-username",
    422,
    _("“{value}” is no sign-in name. Use letters, digits and . _ - @ only."),
)
CELL_BAD_EMAIL = problem(
    "cell-bad-email", 422, _("“{value}” is no e-mail address. Correct it, or leave it empty.")
)
NAME_DIFFERS = problem(
    "name-differs",
    409,
    _("The sign-in name {username} belongs to {name}. Choose another, or correct the name."),
)
METRICS_CLOSED = problem(
    "metrics-closed",
    403,
    _(
        "These figures are for whoever keeps the site running. Ask from the machine itself, or"
        " show the token of HUIYIN_METRICS_TOKEN."
    ),
)

# The calendar of holidays

CALENDAR_ENDS = problem(
    "calendar-ends",
    422,
    _(
        "The calendar does not know the holidays of {year}. Import them as the State Council"
        " announced them (Regions, Calendar); nothing in that year can be worked out before."
    ),
)
CALENDAR_DAY_TAKEN = problem(
    "calendar-day-taken", 409, _("{day} is in the calendar already. Change that entry instead.")
)
CALENDAR_DAY_TWICE = problem(
    "calendar-day-twice", 422, _("This day stands in the file already ({other}). Keep one row.")
)
CALENDAR_NOTHING_NEW = problem(
    "calendar-nothing-new",
    409,
    _(
        "Every year that ships with the software (up to {last}) is here already. Import later"
        " years from Excel, or update the software."
    ),
)
DAY_NOT_A_WEEKEND = problem(
    "day-not-a-weekend",
    422,
    _("{day} is worked anyway. Only a Saturday or Sunday can be a make-up working day."),
)

# Rounds

ROUND_STEP_IMPOSSIBLE = problem(
    "round-step-impossible",
    409,
    _(
        "“{step}” is not possible while the round is in the state “{state}”; it must be in the"
        " state “{needed}”. Load the page again to see how it stands."
    ),
)
ROUND_NOT_SO_FAR = problem(
    "round-not-so-far",
    409,
    _("“{step}” must wait, because not everything holds: {missing}"),
)
ROUND_FROZEN = problem(
    "round-frozen",
    409,
    _("{what} no longer changes, because the round is in the state “{state}”. {way}"),
)
ROUND_DAYS_OUTSIDE = problem(
    "round-days-outside", 422, _("This day must lie from {first} to {last}. Enter another.")
)
ROUND_EXISTS = problem(
    "round-exists", 409, _("{round} is there already. Open that one, or choose another half.")
)
ROUND_HAS_SAMPLE = problem(
    "round-has-sample",
    409,
    _("{round} cannot be removed: it is no draft any more, or numbers have been drawn for it."),
)
ROUND_ASKS_AND_VERIFIES = problem(
    "round-asks-and-verifies",
    422,
    _(
        "Whoever makes interviews in a round does not verify in it. Take the other role away first,"
        " or choose another person."
    ),
)
ROUND_STAFF_STRANGER = problem(
    "round-staff-stranger",
    422,
    _(
        "{name} does not hold the role “{role}” in {centre}. Choose another person, or have the"
        " role granted first."
    ),
)
ROUND_STAFF_ALREADY = problem(
    "round-staff-already", 409, _("{name} is “{role}” of this round already.")
)
ROUND_NEEDS_CENTRE = problem(
    "round-needs-centre", 409, _("Name the survey centre first (Field and centre), then the staff.")
)
ROUND_CENTRE_JUDGED = problem(
    "round-centre-judged",
    422,
    _("{unit} is judged by the result, or is no survey centre. Choose a survey centre."),
)
ROUND_REASON_MISSING = problem(
    "round-reason-missing", 422, _("Write down the reason; others will want to know.")
)
ROUND_WITHOUT_PREVIOUS = problem(
    "round-without-previous",
    409,
    _("{round} is the first of its series: there is nothing that a break could separate it from."),
)
ROUND_UNKNOWN = problem(
    "round-unknown",
    422,
    _("“{given}” is no round here. Write it like 2026H1 or 2026年上半年."),
)
ROUND_AMBIGUOUS = problem(
    "round-ambiguous", 422, _("Several series have the round {given}. Fill in the series as well.")
)
REGION_OUTSIDE_SERIES = problem(
    "region-outside-series", 422, _("{code} does not lie in {region}, where this survey is made.")
)
QUOTA_TWICE = problem(
    "quota-twice", 422, _("This quota stands in the file already ({other}). Keep one row.")
)
QUOTA_TOO_YOUNG = problem(
    "quota-too-young", 422, _("The round asks residents from {least} on. Correct the age band.")
)
STAFF_TWICE = problem(
    "staff-twice", 422, _("This person stands in the file already ({other}). Keep one row.")
)
HOURS_UNREADABLE = problem(
    "hours-unreadable",
    422,
    _("“{given}” is no calling time. Write it like 09:00-12:00、14:00-20:30; empty = no calls."),
)
HOURS_REVERSED = problem("hours-reversed", 422, _("{span} ends before it begins. Correct it."))
HOURS_OUTSIDE = problem(
    "hours-outside",
    422,
    _("{span} is too early or too late: residents are called between {earliest} and {latest}."),
)
HOURS_OVERLAP = problem("hours-overlap", 422, _("{one} and {other} overlap. Join or part them."))

# Survey: frames, samples and the planner

NUMBER_UNREADABLE = problem(
    "number-unreadable",
    422,
    _("This is no telephone number. Write 11 digits, or area code and number: 0731-1234567."),
)
NUMBER_LENGTH = problem(
    "number-length",
    422,
    _("The number has {digits} digits; a mobile number has {wanted}. Check what is missing."),
)
NUMBER_NEEDS_AREA = problem(
    "number-needs-area",
    422,
    _("A landline number without area code. Write the area code before it, or give one for all."),
)
NUMBER_ABROAD = problem(
    "number-abroad", 422, _("A number of another country or region. Only +86 is called.")
)
NUMBER_OF_SERVICE = problem(
    "number-of-service",
    422,
    _("A short number of an authority, a firm or a service. Nobody lives there; leave it out."),
)
NUMBER_SEALED = problem(
    "number-sealed",
    500,
    _(
        "The number cannot be decrypted: its key {key} is not among those of this site. Put the key"
        " back in HUIYIN_NUMBERS_KEY, behind the present one."
    ),
)
NUMBER_TWICE = problem(
    "number-twice", 422, _("The same number stands in row {other} already. Leave one of them out.")
)
NUMBERS_REJECTED = problem(
    "numbers-rejected",
    422,
    _(
        "{count} rows cannot be taken, so nothing was. Mend them, or tick that the others are to be"
        " taken without them."
    ),
)
SEGMENT_LENGTH = problem(
    "segment-length", 422, _("A segment is the first 7 digits of a mobile number, not {length}.")
)
SEGMENT_DIGITS = problem(
    "segment-digits", 422, _("“{value}” is no segment: 7 digits that begin with 13 to 19.")
)
SEGMENT_TWICE = problem(
    "segment-twice", 422, _("The segment stands in row {other} already. Leave one of them out.")
)
SEGMENT_OVERLAP = problem(
    "segment-overlap",
    422,
    _("The segment stands in row {other} with another {what}. Find out which is right."),
)
SEGMENT_CITY = problem(
    "segment-city",
    422,
    _("A segment of {city}; the table is one of {wanted}. Leave it out, or import it for all."),
)
SEGMENT_CARRIER = problem(
    "segment-carrier", 422, _("“{value}” is no carrier. Write some of: {choices}.")
)
SEGMENT_KIND = problem("segment-kind", 422, _("“{value}” is no kind. Write some of: {choices}."))
SEGMENTS_REJECTED = problem(
    "segments-rejected",
    422,
    _(
        "{count} rows cannot be taken, so nothing was. Mend them, or tick that the other rows are"
        " to be taken without them."
    ),
)
SEGMENTS_NONE = problem(
    "segments-none", 422, _("No row of the file can be taken. See the findings, mend the file.")
)
SEGMENTS_DONE = problem(
    "segments-done", 409, _("This file was imported already. Hand in another for a newer table.")
)
PHONE_PACKAGE = problem(
    "phone-package",
    422,
    _("The Python package “phone” is not installed. Install it, or import a table of your own."),
)
PHONE_PACKAGE_DAMAGED = problem(
    "phone-package-damaged",
    422,
    _("The file of the package “phone” cannot be read at byte {byte}. Install it anew."),
)
EXCHANGE_PREFIX = problem(
    "exchange-prefix",
    422,
    _("The prefix has {length} digits and numbers {digits}; at least one digit must be open."),
)
EXCHANGE_OVERLAP = problem(
    "exchange-overlap",
    422,
    _("Numbers of {prefix} belong to {other} too, so they would be drawn twice as often."),
)
EXCHANGE_TWICE = problem(
    "exchange-twice", 422, _("The exchange stands in {other} already. Leave one of them out.")
)
CALLED_NEVER_ALREADY = problem(
    "called-never-already", 409, _("The number is on the do-not-call list already.")
)
FRAME_EMPTY = problem(
    "frame-empty",
    422,
    _("The frame has no numbers of {city} to draw from. Import some first."),
)
FRAME_OF_TWO_KINDS = problem(
    "frame-of-two-kinds",
    422,
    _("Draw from segments and exchanges, or from a list; a list is a frame of its own."),
)
SAMPLE_TOO_LARGE = problem(
    "sample-too-large",
    422,
    _("{stratum}: {wanted:,} numbers are wanted, but only {left:,} are left this year."),
)
SAMPLE_EMPTY = problem("sample-empty", 422, _("Say how many numbers are to be drawn."))
SAMPLE_ROUND_OVER = problem(
    "sample-round-over",
    409,
    _("The round is {status}: its numbers are no longer drawn. Draw for a round that is not over."),
)
SAMPLE_ROUND_OPEN = problem(
    "sample-round-open",
    409,
    _("The field of this round is not closed. Close it first; then its numbers can be erased."),
)
SAMPLE_ERASED = problem("sample-erased", 409, _("The numbers of this draw are erased already."))
SAMPLE_HASHES_GONE = problem(
    "sample-hashes-gone",
    409,
    _(
        "The year is over and its hashes are erased, so the draw cannot be repeated any more. The"
        " events of the audit say when it was checked."
    ),
)
PLAN_REFUSED = problem("plan-refused", 422, _("{reason}"))
PLAN_NO_POPULATION = problem(
    "plan-no-population",
    422,
    _("No population is recorded for the regions below {name}. Import populations first."),
)

# Indicators

INDICATOR_QUESTION_UNKNOWN = problem(
    "indicator-question-unknown",
    422,
    _("“{indicator}” rests on the question {question}, which is not asked. Choose another."),
)
INDICATOR_QUESTION_KIND = problem(
    "indicator-question-kind",
    422,
    _(
        "“{indicator}” rests on {question}, of which not exactly one answer is chosen. Choose a"
        " question of one choice."
    ),
)
INDICATOR_CODES_UNKNOWN = problem(
    "indicator-codes-unknown",
    422,
    _("“{indicator}” counts {codes}, which {question} does not offer. Take them out."),
)
INDICATOR_ANSWERS_UNSCORED = problem(
    "indicator-answers-unscored",
    422,
    _("“{indicator}” does not say what these answers count: {codes}. Give each a figure."),
)
INDICATOR_MISSING_UNSAID = problem(
    "indicator-missing-unsaid",
    422,
    _(
        "“{indicator}” would count {codes} (don't know, refused) as answers. List them as no"
        " answer, or give each a figure."
    ),
)
INDICATOR_COUNTED_AND_MISSING = problem(
    "indicator-counted-and-missing",
    422,
    _("“{indicator}” counts {codes} and lists them as no answer. Leave one of the two."),
)
INDICATOR_COUNT_RANGE = problem(
    "indicator-count-range",
    422,
    _("“{indicator}”: {answer} counts {value}; {allowed}."),
)
INDICATOR_NOTHING_COUNTS = problem(
    "indicator-nothing-counts",
    422,
    _("“{indicator}” is a share of which no answer counts. Let at least one count 1."),
)
INDICATOR_ANSWERS_UNREADABLE = problem(
    "indicator-answers-unreadable",
    422,
    _("“{value}” cannot be read. Write each answer and its figure, as in safe=1；unsafe=0."),
)
INDICATOR_CODE_TAKEN = problem(
    "indicator-code-taken",
    409,
    _("The code “{code}” is taken in this set. Choose another; composites and indicators share."),
)
INDICATOR_SET_TAKEN = problem(
    "indicator-set-taken", 409, _("There is a set of this name already. Choose another name.")
)
INDICATOR_SET_UNKNOWN = problem(
    "indicator-set-unknown",
    422,
    _("There is no set of indicators called “{name}”. Add it first, or correct the name."),
)
INDICATOR_SET_IN_USE = problem(
    "indicator-set-in-use",
    409,
    _(
        "The set is bound to {rounds}, which is past its draft, so it no longer changes. Copy the"
        " set and bind the copy to the next round."
    ),
)
INDICATOR_SET_BOUND = problem(
    "indicator-set-bound",
    409,
    _("The set is bound to {rounds}. Bind another set there first."),
)
INDICATOR_IN_COMPOSITE = problem(
    "indicator-in-composite",
    409,
    _("“{name}” is part of {composites}. Take it out there first."),
)
COMPOSITE_EMPTY = problem(
    "composite-empty", 422, _("“{composite}” has no parts. Give at least one part a weight.")
)
COMPOSITE_WEIGHT = problem(
    "composite-weight",
    422,
    _("“{composite}”: the weight of {part} must lie above 0 and not above 1, not {weight}."),
)
COMPOSITE_WEIGHTS = problem(
    "composite-weights",
    422,
    _("“{composite}”: the weights sum to {sum}, not to 1. Change them until they do."),
)
COMPOSITE_PART_UNKNOWN = problem(
    "composite-part-unknown",
    422,
    _("“{composite}” has the part {part}, which is not in the set. Take it out."),
)
COMPOSITE_CYCLE = problem(
    "composite-cycle",
    422,
    _("“{composite}” would be a part of itself: {path}. Take one of them out."),
)
COMPOSITE_DIRECTIONS = problem(
    "composite-directions",
    422,
    _(
        "“{composite}” sums indicators of which more is better with such of which less is better:"
        " {parts}. Turn their scores round so that all point one way."
    ),
)
BANK_WITHOUT_REGIONS = problem(
    "bank-without-regions",
    422,
    _("No townships are recorded for {region}. Import its divisions first."),
)

# Survey: questionnaires

QUESTIONNAIRE_NAME_TAKEN = problem(
    "questionnaire-name-taken",
    409,
    _("There is a questionnaire “{name}” already. Choose another name, or open that one."),
)
QUESTIONNAIRE_IN_BANK = problem(
    "questionnaire-in-bank",
    409,
    _("“{name}” belongs to the question bank and is not changed. Copy it, then change the copy."),
)
QUESTIONNAIRE_UNCHANGED = problem(
    "questionnaire-unchanged",
    409,
    _("This workbook is the same as version {number}. Change something before you hand it in."),
)
QUESTIONNAIRE_WRONG = problem(
    "questionnaire-wrong",
    422,
    _("The questionnaire has {count} mistakes and was not taken. Mend them and hand it in again."),
)
QUESTIONNAIRE_EMPTY = problem(
    "questionnaire-empty",
    409,
    _("“{name}” has no version yet. Hand in a workbook first."),
)
ANSWER_NOWHERE = problem(
    "answer-nowhere",
    422,
    _(
        "There is no question {path} in this version, or it takes no answer. Take the addresses"
        " from the list of its questions."
    ),
)
