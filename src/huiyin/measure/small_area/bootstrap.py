"""Parametric bootstrap of the unit-level model, drawn as moments rather than as units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from huiyin.measure.small_area.columns import FloatArray
from huiyin.measure.small_area.nested import (
    NestedLikelihood,
    Population,
    Sample,
    fit_nested,
    predictions,
)
from huiyin.measure.small_area.regression import times


def bootstrap_mse(
    model: NestedLikelihood, population: Population, draws: int, seed: int
) -> FloatArray:
    """Mean squared error of the predictions over populations drawn from the fitted model.

    Gonzalez-Manteiga, Lombardia, Molina, Morales & Santamaria 2008, Journal of Statistical
    Computation and Simulation 78: draw the area effects and errors, compute the true
    means and the sample, fit again, predict, compare. Under normal errors the area means and the
    sums of squares and products within areas are independent with known distributions, so they
    are drawn directly: a draw costs areas, not units.

    Args:
        model: the fit.
        population: of the areas; with finite sizes, the true mean includes the units' errors.
        draws: populations to draw.
        seed: of the PCG64 generator.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    within = _Within(model)
    total = np.zeros(population.size.size)
    for _ in range(draws):
        sample, truth = _draw(model, population, within, rng)
        again = fit_nested(sample, model.method, start=model.ratio)
        total += (predictions(again, population) - truth) ** 2
    return total / draws


class _Within:
    """Draws sums of squares and products within areas."""

    def __init__(self, model: NestedLikelihood) -> None:
        s = model.sample
        values, vectors = np.linalg.eigh(s.xx)
        kept = values > 1e-12 * max(1.0, float(values.max()))
        self.root = vectors[:, kept] * np.sqrt(values[kept])
        self.free = float(s.n.sum()) - s.n.size - int(kept.sum())
        self.slope = s.xx @ model.coefficients
        self.fitted = float(model.coefficients @ self.slope)
        self.coefficients = model.coefficients
        self.sd = float(np.sqrt(model.error_variance))

    def draw(self, rng: np.random.Generator) -> tuple[float, FloatArray]:
        along = self.sd * rng.standard_normal(self.root.shape[1])
        across = self.sd**2 * rng.chisquare(self.free) if self.free > 0 else 0.0
        product = self.root @ along
        yy = self.fitted + 2 * float(self.coefficients @ product) + float(along @ along) + across
        return yy, self.slope + product


def _draw(
    model: NestedLikelihood, population: Population, within: _Within, rng: np.random.Generator
) -> tuple[Sample, FloatArray]:
    """A sample and the true means of the population that it was taken from."""
    s, row = model.sample, population.row
    sd = np.sqrt(model.error_variance)
    areas = population.size.size
    effect = np.sqrt(model.area_variance) * rng.standard_normal(areas)
    error = sd / np.sqrt(s.n) * rng.standard_normal(s.n.size)
    yy, xy = within.draw(rng)
    seen = population.seen(s.n)
    mean_error = sd * np.sqrt((1 - seen) / population.size) * rng.standard_normal(areas)
    mean_error[row] += seen[row] * error
    truth = times(population.x, model.coefficients) + effect + mean_error
    y = times(s.x, model.coefficients) + effect[row] + error
    return replace(s, y=y, yy=yy, xy=xy), truth
