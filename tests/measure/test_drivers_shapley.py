"""Derived importance is the Shapley (LMG) decomposition of R². Requirement P-21."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.measure import key_drivers as room
from huiyin.measure.key_drivers.shapley import (
    antithetic_orders,
    explained_by_subsets,
    shapley_exact,
    shapley_sampled,
)

# R: the increase of R² when an item joins, averaged over all orders of the items (Grömping 2006,
# Journal of Statistical Software 17(1), equation 3), with nothing but base R.
LMG = """
orders <- function(v) if (length(v) <= 1) list(v) else
  do.call(c, lapply(seq_along(v), function(i) lapply(orders(v[-i]), function(o) c(v[i], o))))
lmg <- function(items, r2) {
  known <- list()
  worth <- function(s) { key <- paste(sort(s), collapse = " ")
    if (is.null(known[[key]])) known[[key]] <<- r2(s)
    known[[key]] }
  every <- orders(items); out <- setNames(numeric(length(items)), items)
  for (o in every) { before <- 0
    for (i in seq_along(o)) { now <- worth(o[1:i]); out[o[i]] <- out[o[i]] + now - before
                              before <- now } }
  out / length(every) }
"""


def r(code: str) -> list[dict[str, str]]:
    """Run R code that writes a CSV to stdout."""
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is missing; install the Debian package r-base-core")
    done = subprocess.run(
        ["Rscript", "--vanilla", "-e", code], capture_output=True, text=True, check=True
    )
    return list(csv.DictReader(io.StringIO(done.stdout)))


def columns(rows: list[dict[str, str]]) -> dict[str, list[float | None]]:
    return {
        name: [None if row[name] == "NA" else float(row[name]) for row in rows] for name in rows[0]
    }


@pytest.mark.needs_r
@pytest.mark.parametrize("weight", [None, "w"])
def test_the_parts_of_r_squared_are_those_of_all_orders_of_lm_in_r(weight: str | None) -> None:
    swiss = columns(r("swiss$w <- 1 + seq_len(47) %% 5; write.csv(swiss, row.names = FALSE)"))
    items = ["Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality"]
    fitted = r(
        LMG
        + f"""swiss$w <- {"1" if weight is None else "1 + seq_len(47) %% 5"}
        items <- c("{'","'.join(items)}")
        out <- lmg(items, function(s)
          summary(lm(reformulate(s, "Fertility"), swiss, weights = w))$r.squared)
        write.csv(data.frame(item = names(out), lmg = sprintf("%.17g", out)), row.names = FALSE)"""
    )
    expected = np.array([float(row["lmg"]) for row in fitted])
    design = None if weight is None else room.analysis.SurveyDesign(weights=weight)
    found = room.drivers(swiss, design, outcome="Fertility", items=items, bootstrap=0)
    derived = np.array(found["derived"].to_pylist()) / 100 * found.notes["r_squared"]
    assert found["item"].to_pylist() == [row["item"] for row in fitted]
    np.testing.assert_allclose(derived, expected, rtol=1e-10)
    assert found.notes["r_squared"] == pytest.approx(expected.sum(), rel=1e-10)


@pytest.mark.needs_r
def test_pairwise_correlations_are_those_of_r_and_so_are_the_parts_they_give() -> None:
    air = columns(r("write.csv(airquality, row.names = FALSE)"))
    fitted = r(
        LMG
        + """v <- c("Solar.R", "Wind", "Temp", "Ozone")
        m <- cor(airquality[v], use = "pairwise.complete.obs")
        out <- lmg(v[1:3], function(s) drop(m["Ozone", s] %*% solve(m[s, s], m[s, "Ozone"])))
        write.csv(data.frame(item = names(out), lmg = sprintf("%.17g", out),
                             cor = sprintf("%.17g", m[v[1:3], "Ozone"])), row.names = FALSE)"""
    )
    items = [row["item"] for row in fitted]
    found = room.drivers(air, outcome="Ozone", items=items, incomplete="pairwise", bootstrap=0)
    np.testing.assert_allclose(
        found["correlation"].to_pylist(), [float(row["cor"]) for row in fitted], rtol=1e-10
    )
    np.testing.assert_allclose(
        np.array(found["derived"].to_pylist()) / 100 * found.notes["r_squared"],
        [float(row["lmg"]) for row in fitted],
        rtol=1e-10,
    )


def correlation(seed: int, items: int) -> np.ndarray:
    data = np.random.default_rng(seed).normal(size=(3 * items + 3, items + 1))
    data[:, -1] += data[:, 0]
    return np.corrcoef(data, rowvar=False)[None]


@given(st.integers(0, 10_000), st.integers(1, 7))
@settings(max_examples=40, deadline=None)
def test_the_parts_are_never_negative_and_add_up_to_r_squared(seed: int, items: int) -> None:
    matrix = correlation(seed, items)
    parts = shapley_exact(matrix)[0]
    assert parts.min() >= -1e-12
    assert parts.sum() == pytest.approx(explained_by_subsets(matrix)[-1, 0], abs=1e-12)


@given(st.integers(0, 10_000), st.permutations(range(5)))
@settings(max_examples=40, deadline=None)
def test_the_order_in_which_items_are_listed_does_not_matter(seed: int, order: list[int]) -> None:
    matrix = correlation(seed, 5)
    index = [*order, 5]
    moved = matrix[:, index][:, :, index]
    np.testing.assert_allclose(shapley_exact(moved)[0], shapley_exact(matrix)[0, order], atol=1e-12)


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_an_item_and_its_copy_share_alike_and_r_squared_stays(seed: int) -> None:
    matrix = correlation(seed, 3)
    index = [0, 1, 2, 0, 3]
    doubled = matrix[:, index][:, :, index]
    parts = shapley_exact(doubled)[0]
    assert parts[0] == pytest.approx(parts[3], abs=1e-9)
    assert parts.sum() == pytest.approx(shapley_exact(matrix).sum(), abs=1e-9)


def test_uncorrelated_items_get_their_squared_correlation() -> None:
    matrix = np.eye(4)
    matrix[:3, 3] = matrix[3, :3] = [0.6, -0.3, 0.0]
    np.testing.assert_allclose(shapley_exact(matrix[None])[0], [0.36, 0.09, 0.0], atol=1e-15)


def test_all_orders_sampled_once_are_the_exact_parts() -> None:
    from itertools import permutations

    matrix = correlation(3, 4)
    orders = np.array(list(permutations(range(4))))
    np.testing.assert_allclose(
        shapley_sampled(matrix, orders), shapley_exact(matrix), rtol=0, atol=1e-13
    )


def test_sampled_orders_come_near_the_exact_parts_within_their_stated_error() -> None:
    rng = np.random.default_rng(7)
    level = rng.normal(size=(300, 1))
    table = {f"x{i}": (level[:, 0] + rng.normal(size=300)) for i in range(14)}
    table["y"] = sum(table[f"x{i}"] * i for i in range(14)) + 40 * rng.normal(size=300)
    items = [f"x{i}" for i in range(14)]
    sampled = room.drivers(table, outcome="y", items=items, bootstrap=0)
    exact = room.drivers(table, outcome="y", items=items, bootstrap=0, method="exact")
    assert (sampled.notes["method"], exact.notes["method"]) == ("sampled", "exact")
    away = np.subtract(sampled["derived"].to_pylist(), exact["derived"].to_pylist())
    error = np.array(list(sampled.notes["sampling_error"].values()))
    assert np.all(np.abs(away) < 4 * error)
    assert np.abs(away).max() < 1


def test_up_to_twelve_items_are_exact_and_thirteen_are_sampled() -> None:
    rng = np.random.default_rng(2)
    table = {f"x{i}": rng.normal(size=60) for i in range(14)}
    for count, method in ((12, "exact"), (13, "sampled")):
        items = [f"x{i}" for i in range(count)]
        found = room.drivers(table, outcome="x13", items=items, bootstrap=0)
        assert found.notes["method"] == method


def test_each_second_order_is_the_reverse_of_the_one_before() -> None:
    orders = antithetic_orders(6, 9, np.random.default_rng(1))
    assert orders.shape == (10, 6)
    np.testing.assert_array_equal(orders[1::2], orders[::2, ::-1])
    np.testing.assert_array_equal(np.sort(orders, axis=1), np.tile(np.arange(6), (10, 1)))
