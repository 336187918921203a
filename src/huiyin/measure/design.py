"""How the sample was drawn: strata, clusters, finite populations, weights.

A design knows nothing of items; every estimator takes the same design (METHODS: the habit of R's
``survey``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from huiyin.measure.errors import MeasureError

if TYPE_CHECKING:
    import pyarrow as pa

    from huiyin.measure.calibration import Calibration

Lonely = Literal["fail", "certainty", "average", "centre", "collapse"]
LONELY: tuple[Lonely, ...] = ("fail", "certainty", "average", "centre", "collapse")
ReplicateKind = Literal["bootstrap", "jk1", "jkn", "brr", "fay"]
REPLICATE_KINDS: tuple[ReplicateKind, ...] = ("bootstrap", "jk1", "jkn", "brr", "fay")


@dataclass(frozen=True)
class WeightAdjustment:
    """A factor on the weight that depends only on the cell a respondent is in.

    Attributes:
        columns: the columns that make the cell.
        cells: one row per cell: those columns and ``factor``.
    """

    columns: tuple[str, ...]
    cells: pa.Table


@dataclass(frozen=True)
class Replicates:
    """Replicate weights: brought in columns, or to be made from a seed.

    Attributes:
        kind: how they were made, which fixes scale and rscales when those are not given.
        weights: columns of the file holding them, when brought; empty when made here.
        count: number of replicates to make (bootstrap only; the others follow from the design).
        rho: Fay's perturbation, 0 for plain BRR.
        scale: overall multiplier of the squared deviations.
        rscales: multiplier per replicate.
        seed: of the bootstrap.
        centre_at_estimate: deviations from the full-sample estimate (R's ``mse = TRUE``) instead
            of from the mean of the replicates (R's default).
    """

    kind: ReplicateKind
    weights: tuple[str, ...] = ()
    count: int = 0
    rho: float = 0.0
    scale: float | None = None
    rscales: tuple[float, ...] | None = None
    seed: int = 0
    centre_at_estimate: bool = False


@dataclass(frozen=True)
class SurveyDesign:
    """Strata, PSUs, finite-population corrections and weights of a sample.

    Attributes:
        weights: column of the weight; None = all weigh 1.
        strata: column or columns whose combination is the stratum; None = one stratum.
        clusters: column or columns of the primary sampling unit; None = each row is one.
        fpc: column with the number of PSUs in the population of the stratum, or, below or
            equal to 1, the sampling fraction.
        nest: cluster ids are unique only inside a stratum.
        lonely: what to do with a stratum that has one PSU: ``fail``; ``certainty`` (adds no
            variance); ``average`` (takes the mean variance of the other strata); ``centre``
            (deviation from the grand mean instead of the stratum's); ``collapse`` (joins the
            next stratum).
        replicates: replicate weights to use instead of linearisation.
        adjustments: factors for non-response and the like, in the order they were applied.
        calibration: the last calibration, with what its variance needs.
    """

    weights: str | None = None
    strata: str | Sequence[str] | None = None
    clusters: str | Sequence[str] | None = None
    fpc: str | None = None
    nest: bool = False
    lonely: Lonely = "fail"
    replicates: Replicates | None = None
    adjustments: tuple[WeightAdjustment, ...] = field(default=(), repr=False)
    calibration: Calibration | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.lonely not in LONELY:
            raise MeasureError(
                "unknown-option",
                f"lonely must be one of {', '.join(LONELY)}, not {self.lonely!r}",
                f"lonely 只能取 {'、'.join(LONELY)}，不能是 {self.lonely!r}",
                place="design",
            )

    @property
    def stratum_columns(self) -> tuple[str, ...]:
        return _columns(self.strata)

    @property
    def cluster_columns(self) -> tuple[str, ...]:
        return _columns(self.clusters)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the data that the design reads, without repeats."""
        named = [*self.stratum_columns, *self.cluster_columns]
        named += [c for c in (self.weights, self.fpc) if c is not None]
        if self.replicates is not None:
            named += self.replicates.weights
        for adjustment in self.adjustments:
            named += adjustment.columns
        if self.calibration is not None:
            named += self.calibration.columns
        return tuple(dict.fromkeys(named))

    def replace(self, **changes: Any) -> SurveyDesign:
        """The same design with some attributes changed."""
        return dataclasses.replace(self, **changes)


def _columns(named: str | Sequence[str] | None) -> tuple[str, ...]:
    if named is None:
        return ()
    return (named,) if isinstance(named, str) else tuple(named)
