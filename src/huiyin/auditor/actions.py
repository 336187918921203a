"""Verify the chain in the name of somebody, and record what came of it."""

from __future__ import annotations

from huiyin.audit.actions import performing
from huiyin.audit.acts import VERIFY_CHAIN, Actor, require
from huiyin.audit.models import Event
from huiyin.audit.verification import Progress, Report, verify

#: Findings that the event of a verification holds; the command names them all.
RECORDED = 100


def verify_chain(actor: Actor, progress: Progress) -> Report:
    """Verify the whole chain and record the report as an event: who verified is proven as well.

    Raises:
        Problem: the actor may not verify the chain.
    """
    require(actor, VERIFY_CHAIN)
    report = verify(progress=progress)
    told = report.as_dict()
    with performing(actor, VERIFY_CHAIN) as changed:
        changed.kind, changed.label = Event._meta.label_lower, f"{report.checked:,}"
        changed.after = {**told, "findings": told["findings"][:RECORDED]}
    return report
