"""What a calibration leaves behind: a factor per cell, diagnostics, and what variance needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from huiyin.measure.calibration import problems
from huiyin.measure.calibration.arrays import Index, Matrix, Vector
from huiyin.measure.calibration.constraints import Constraints
from huiyin.measure.calibration.regression import Regression, regression
from huiyin.measure.calibration.report import Diagnostics, margin_report
from huiyin.measure.calibration.solve import Method, RegressionWeight, Settings, solve
from huiyin.measure.errors import MeasureError
from huiyin.measure.tidy import Tidy

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Calibration:
    """A factor on the weight of each cell, and the regression that its variance needs.

    Attributes:
        columns: the cell columns: ``within``, the columns of all margins, numeric variables, and
            with trimming the columns that fix the base weight.
        cells: one row per cell, regions one after the other: ``columns``, ``n`` (respondents with
            a positive base weight), ``base`` (sum of base weights), ``factor`` (calibrated weight
            = base weight × factor), ``group`` (int32, number of the region; -1 for cells without
            weight, which come last and have factor 1).
        group_columns: the ``within`` columns.
        method: ``rake``, ``poststratify``, ``linear``, ``logit`` or ``raking``.
        bounds: as given.
        regression_weight: the weight v of :meth:`fitted`: ``base`` = the base weight,
            ``unit`` = 1 for every respondent with a positive base weight.
        diagnostics: how it went.
        constraints: the totals matched with the cells; ``settings`` how they were met.
        iterations: shape (regions,), sweeps or Newton steps of each region.
    """

    columns: tuple[str, ...]
    cells: pa.Table
    group_columns: tuple[str, ...]
    method: Method
    bounds: tuple[float, float] | None
    regression_weight: RegressionWeight
    diagnostics: Diagnostics
    constraints: Constraints = field(repr=False)
    settings: Settings = field(repr=False)
    iterations: Index = field(repr=False)
    _kept: dict[int, Regression] = field(default_factory=dict, init=False, repr=False)

    @property
    def live(self) -> int:
        """Number of cells with weight; they come first."""
        return len(self.constraints.region)

    @cached_property
    def n(self) -> Vector:
        """Shape (cells,): respondents with a positive base weight."""
        return self._column("n")

    @cached_property
    def base(self) -> Vector:
        """Shape (cells,): sums of base weights."""
        return self._column("base")

    @cached_property
    def factor(self) -> Vector:
        """Shape (cells,): calibrated weight / base weight."""
        return self._column("factor")

    def fitted(self, sums: Matrix, group: int | None = None) -> Matrix:
        """Fitted values x'B of regressing linearised variables on the calibration variables.

        The variance after calibration is that of the residuals: replace each respondent's z by
        ``z - fitted[cell]`` and weigh it with the calibrated weight (Deville & Särndal 1992, JASA
        87, 376-382, section 3; the same as R's ``survey``: ``svyrecvar``).

        The caller forms the sums with the weight v that :attr:`regression_weight` names:
        ``base``, the base weight with its adjustments and without the calibration; or ``unit``,
        v = 1, for ``rake`` unless it was told otherwise (R's ``rake`` regresses without weights).
        Respondents with base weight zero are left out of the sums.

        Args:
            sums: shape (cells, k), Σ v·z over the respondents of each cell, for k variables; with
                ``group``, only the rows of that group's cells.
            group: number of the region; None = all regions. A variable of a domain inside one
                region needs only that region: elsewhere its fitted values are zero.

        Returns:
            shape as ``sums``; rows of cells without weight are zero.

        Raises:
            ValueError: the number of rows is not the number of cells.
        """
        if group is not None:
            cells = self.cells_of(group)
            self._check_rows(sums, cells.stop - cells.start)
            return self._regression_of(group).fitted(sums)
        self._check_rows(sums, self.cells.num_rows)
        result = np.zeros(sums.shape)
        result[: self.live] = self._whole_regression.fitted(sums[: self.live])
        return result

    def cells_of(self, group: int) -> slice:
        """The rows of ``cells`` that belong to a region; they are neighbours."""
        return self.constraints.cells_of(group)

    def refit(self, base: Matrix, first: int = 0) -> Matrix:
        """Factors for other base weights, such as those of replicates, to the same totals.

        Args:
            base: shape (cells, R), sums of base weights per cell, in the order of ``cells``. A
                cell of weight zero keeps it.
            first: number of the first replicate (from 0), for the error's place.

        Returns:
            shape (cells, R). With trimming the bounds hold for the mean weight of a cell.

        Raises:
            MeasureError: as the calibration itself, naming the replicate (counted from 1).
        """
        self._check_rows(base, self.cells.num_rows)
        factors = np.ones(base.shape)
        for replicate in range(base.shape[1]):
            weights = np.ascontiguousarray(base[: self.live, replicate])
            n = np.where(weights > 0, self.n[: self.live], 0.0)
            try:
                fit = solve(self.constraints, weights, n, self.settings)
            except MeasureError as wrong:
                raise problems.bad_replicate(first + replicate, wrong) from wrong
            np.divide(fit.weights, weights, out=factors[: self.live, replicate], where=weights > 0)
        return factors

    def margin_report(self) -> Tidy:
        """Per region, margin and category: n, base and calibrated weight sum, the total, error.

        Columns: region, margin, category (both empty text where there is none), n, base, total,
        calibrated, relative_error.
        """
        weights = (self.n, self.base, self.base * self.factor)
        return margin_report(self.constraints, *(w[: self.live] for w in weights))

    def _column(self, name: str) -> Vector:
        return np.asarray(self.cells[name].to_numpy(), np.float64)

    @cached_property
    def _regression_weights(self) -> Vector:
        return self.base if self.regression_weight == "base" else self.n

    @cached_property
    def _whole_regression(self) -> Regression:
        weights = self._regression_weights[: self.live]
        return regression(self.constraints, weights, self.regression_weight)

    def _regression_of(self, group: int) -> Regression:
        if group not in self._kept:
            weights = self._regression_weights[self.cells_of(group)]
            part = self.constraints.part(group)
            self._kept[group] = regression(part, weights, self.regression_weight)
        return self._kept[group]

    def _check_rows(self, sums: Matrix, cells: int) -> None:
        if sums.ndim != 2 or sums.shape[0] != cells:
            raise ValueError(f"expected shape ({cells}, k), one row per cell, got {sums.shape}")
