"""Replicate variance: bootstrap, jackknife, balanced replication, made here or brought."""

from __future__ import annotations

from huiyin.measure.design import REPLICATE_KINDS, ReplicateKind, Replicates, SurveyDesign
from huiyin.measure.errors import MeasureError
from huiyin.measure.replication.any_statistic import with_replicates

__all__ = ["replicate", "with_replicates"]


def replicate(
    design: SurveyDesign,
    kind: ReplicateKind = "bootstrap",
    replicates: int = 500,
    *,
    seed: int = 1,
    rho: float = 0.0,
    centre_at_estimate: bool = False,
) -> SurveyDesign:
    """The design with replicate variance instead of linearisation.

    Nothing is computed yet: the replicates are a rule and a seed, and multiply PSUs when an
    estimate asks for them.

    Args:
        design: strata and clusters decide the replicates.
        kind: ``bootstrap`` (Rao, Wu & Yue 1992), ``jk1``, ``jkn``, ``brr`` or ``fay``.
        replicates: how many, for the bootstrap; the others follow from the design.
        seed: of the bootstrap.
        rho: Fay's factor, 0 <= rho < 1.
        centre_at_estimate: squared deviations from the full-sample estimate instead of the mean
            of the replicates.

    Raises:
        MeasureError: an unknown kind, too few replicates, or a ``rho`` out of range.
    """
    if kind not in REPLICATE_KINDS:
        raise MeasureError(
            "unknown-option",
            f"kind must be one of {', '.join(REPLICATE_KINDS)}, not {kind!r}",
            f"kind 只能取 {'、'.join(REPLICATE_KINDS)}，不能是 {kind!r}",
            place="replicates",
        )
    if not 0 <= rho < 1 or (rho and kind != "fay"):
        raise MeasureError(
            "rho-out-of-range",
            "rho belongs to Fay's method and lies between 0 and 1",
            "rho 只用于 Fay 方法，取值在 0 与 1 之间",
            place="replicates",
        )
    if kind == "bootstrap" and replicates < 2:
        raise MeasureError(
            "replicates-too-few",
            "a bootstrap needs at least 2 replicates; 500 is usual",
            "自助法至少需要 2 个重复样本，通常取 500 个",
            place="replicates",
        )
    made = Replicates(
        kind, count=replicates, rho=rho, seed=seed, centre_at_estimate=centre_at_estimate
    )
    return design.replace(replicates=made)
