"""What can be done, who does it, and where: the words in which permission and audit are asked.

A room declares each of its acts once, here registered by name. Whether an actor may do it is
answered by the one table of roles and acts (``huiyin.organisation.permissions``), which this room
reaches through the setting ``HUIYIN_POLICY``, because it stands below it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Protocol

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from huiyin.problems import NOT_SIGNED_IN

if TYPE_CHECKING:
    from collections.abc import Callable

#: Every act of every room by its name.
ACTS: dict[str, Act] = {}


class Guarded(StrEnum):
    """What stands behind a wall that no combination of roles may climb."""

    SAMPLES = "samples"
    INTERVIEWS = "interviews"
    UNPUBLISHED = "unpublished"  # results before publication
    NUMBERS = "numbers"  # phone numbers
    ANSWERS = "answers"  # single answers


@dataclass(frozen=True)
class Act:
    """One thing that can be done.

    Attributes:
        name: ``room.verb_object``, such as ``territory.import_divisions``.
        title: what a person calls it.
        changes: whether it changes something (and so leaves an event).
        guarded: what it shows that stands behind a wall.
    """

    name: str
    title: str | Promise
    changes: bool
    guarded: frozenset[Guarded] = frozenset()

    @property
    def room(self) -> str:
        return self.name.partition(".")[0]


def act(
    name: str, title: str | Promise, *, changes: bool, guarded: tuple[Guarded, ...] = ()
) -> Act:
    """Declare an act.

    Raises:
        ValueError: the name is taken, is not ``room.verb``, or the act would show a phone number
            beside answers.
    """
    if {Guarded.NUMBERS, Guarded.ANSWERS} <= set(guarded):
        raise ValueError(f"{name!r} would show numbers and answers together; nobody may see both")
    if name in ACTS:
        raise ValueError(f"the act {name!r} is declared twice")
    if name.count(".") != 1:
        raise ValueError(f"an act is named room.verb, not {name!r}")
    ACTS[name] = Act(name, title, changes, frozenset(guarded))
    return ACTS[name]


@dataclass(frozen=True)
class Held:
    """A role that an actor holds, and where.

    Attributes:
        role: a value of ``huiyin.organisation.roles.Role``.
        region: the stem of the region's code below which it is held; None = everywhere.
        unit: the unit in which it is held; None = none in particular.
    """

    role: str
    region: str | None = None
    unit: int | None = None


@dataclass(frozen=True)
class Actor:
    """Who acts.

    Attributes:
        account: key of the account; None = the system itself, or a visitor.
        name: the sign-in name, as the audit prints it.
        address: the network address the act came from.
        held: the roles held today.
        judged: whether the actor belongs to a unit that is judged by survey results.
        scopes: names of the acts that a token is limited to; None = no limit.
        is_system: the system itself: jobs and commands, permitted everything.
    """

    account: int | None
    name: str
    address: str = ""
    held: tuple[Held, ...] = ()
    judged: bool = False
    scopes: frozenset[str] | None = None
    is_system: bool = False


SYSTEM = Actor(None, "system", is_system=True)
VISITOR = Actor(None, "")


@dataclass(frozen=True)
class Place:
    """Where an act falls.

    Attributes:
        region: 12-digit code of the region that the object belongs to; "" = none in particular.
        unit: key of the unit that it belongs to.
        account: key of the account that it belongs to (one's own things).
    """

    region: str = ""
    unit: int | None = None
    account: int | None = None


ANYWHERE = Place()


class Policy(Protocol):
    """What ``HUIYIN_POLICY`` names."""

    def refusal(self, actor: Actor, act: Act, place: Place | None) -> Exception | None: ...


@cache
def _policy() -> Callable[[Actor, Act, Place | None], Exception | None]:
    policy: Callable[[Actor, Act, Place | None], Exception | None] = import_string(
        settings.HUIYIN_POLICY
    )
    return policy


def may(actor: Actor, act: Act, place: Place | None = None) -> bool:
    """Whether the actor may do the act at the place; without a place: at any place at all."""
    return _policy()(actor, act, place) is None


def require(actor: Actor, act: Act, place: Place | None = None) -> None:
    """Go on only if the actor may do the act at the place.

    Raises:
        Problem: ``not-signed-in``, ``not-permitted`` or ``behind-a-wall``.
    """
    refusal = _policy()(actor, act, place)
    if refusal is None:
        return
    if actor.account is None and not actor.is_system:
        raise NOT_SIGNED_IN()
    raise refusal


@dataclass
class Changed:
    """What an act changed: filled while it is performed, written as one event at its end.

    Attributes:
        kind: what was changed, such as ``territory.region``.
        key: its key.
        label: what a person calls it. No phone number, no name of a resident.
        before: the values that changed, as they were.
        after: the values that changed, as they are now.
    """

    kind: str = ""
    key: str = ""
    label: str = ""
    before: dict[str, object] = field(default_factory=dict)
    after: dict[str, object] = field(default_factory=dict)


#: What the room itself can be asked for. Events tell of samples, interviews and results before they
#: are published, so nobody who is judged by them reads the audit, whatever role he holds.
SEE_EVENTS = act(
    "audit.see_events",
    _("Read the audit"),
    changes=False,
    guarded=(Guarded.SAMPLES, Guarded.INTERVIEWS, Guarded.UNPUBLISHED),
)
EXPORT_EVENTS = act(
    "audit.export_events",
    _("Export the audit"),
    changes=True,
    guarded=(Guarded.SAMPLES, Guarded.INTERVIEWS, Guarded.UNPUBLISHED),
)
VERIFY_CHAIN = act("audit.verify_chain", _("Verify the audit's chain"), changes=True)
SEAL_CHAIN = act("audit.seal_chain", _("Seal the audit's chain"), changes=True)
