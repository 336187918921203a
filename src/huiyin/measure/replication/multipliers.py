"""Replicate weights as multipliers of PSUs, made stratum by stratum when they are needed.

A replicate weight is the full weight times a factor that depends only on the PSU, so what is kept
is a rule and a seed, never n x R numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError

if TYPE_CHECKING:
    from huiyin.measure.design import Replicates
    from huiyin.measure.estimation.frame import Strata

Floats = npt.NDArray[np.float64]

#: A jackknife has one replicate per PSU; beyond this it is work without a gain.
MOST_JACKKNIFE = 20_000


@dataclass(frozen=True)
class Plan:
    """Replicates of a design whose strata and PSU counts are known.

    Attributes:
        kind: bootstrap, jk1, jkn, brr or fay.
        psus: PSUs per stratum, shape (strata,).
        fraction: sampling fraction per stratum.
        count: number of replicates.
        scale, rscales: multipliers of the squared deviations, overall and per replicate.
        seed: of the bootstrap.
        rho: Fay's factor.
        hadamard: rows of signs per replicate, for BRR and Fay.
    """

    kind: str
    psus: npt.NDArray[np.int64]
    fraction: Floats
    count: int
    scale: float
    rscales: Floats
    seed: int
    rho: float
    hadamard: npt.NDArray[np.int64] | None

    def multipliers(self, stratum: int, start: int, stop: int) -> Floats:
        """Factors of the PSUs of one stratum in replicates ``start`` to ``stop`` - 1.

        Returns:
            shape (stop - start, PSUs of the stratum). The same numbers come whichever way the
            replicates are cut into runs.
        """
        if self.kind == "bootstrap":
            return self._bootstrap(stratum, start, stop)
        if self.kind in ("jk1", "jkn"):
            return self._jackknife(stratum, start, stop)
        return self._balanced(stratum, start, stop)

    def _bootstrap(self, stratum: int, start: int, stop: int) -> Floats:
        """Rao, Wu & Yue 1992: n-1 draws with replacement from n PSUs, rescaled."""
        n = int(self.psus[stratum])
        if n == 1:
            return np.ones((stop - start, 1))
        kept = np.sqrt(1 - self.fraction[stratum])
        size, factors = run_size(n), np.empty((stop - start, n))
        for run in range(start - start % size, stop, size):
            counts = self._drawn(stratum, run, n, size)
            low, high = max(run, start), min(run + size, stop)
            out = factors[low - start : high - start]
            np.multiply(counts[low - run : high - run], kept * n / (n - 1), out=out)
        if kept != 1:
            factors += 1 - kept
        return factors

    def _drawn(self, stratum: int, run: int, n: int, size: int) -> npt.NDArray[np.int64]:
        """How often each PSU is drawn in each of ``size`` replicates, shape (size, n)."""
        rng = np.random.Generator(
            np.random.PCG64(np.random.SeedSequence([self.seed, stratum, run]))
        )
        small = np.uint16 if n <= 1 << 16 else np.uint32
        picks = rng.integers(0, n, size=(size, n - 1), dtype=small)
        places = np.add(picks, np.arange(size)[:, None] * n, dtype=np.int64)
        return np.bincount(places.ravel(), minlength=size * n).reshape(size, n)

    def _jackknife(self, stratum: int, start: int, stop: int) -> Floats:
        n = int(self.psus[stratum])
        first = int(np.sum(self.psus[:stratum]))
        factors = np.ones((stop - start, n))
        for replicate in range(max(start, first), min(stop, first + n)):
            factors[replicate - start] = n / (n - 1)
            factors[replicate - start, replicate - first] = 0.0
        return factors

    def _balanced(self, stratum: int, start: int, stop: int) -> Floats:
        assert self.hadamard is not None  # made by plan() for these kinds
        sign = self.hadamard[start:stop, stratum + 1].astype(float)
        step = (1 - self.rho) * np.sqrt(1 - self.fraction[stratum])
        return np.stack([1 + step * sign, 1 - step * sign], axis=1)


def run_size(psus: int) -> int:
    """Replicates drawn together from one seed: few where a stratum is large, to save memory."""
    return min(512, max(16, 2_000_000 // psus))


def plan(replicates: Replicates, strata: Strata) -> Plan:
    """Lay out the replicates of a design.

    Args:
        replicates: what is asked for.
        strata: of the sample.

    Raises:
        MeasureError: BRR on strata that do not have two PSUs each; JK1 with strata; a jackknife
            with a one-PSU stratum or too many PSUs; a bootstrap without a number of replicates;
            strata with one PSU that are to be averaged or centred, which no replicate does.
    """
    counts, fraction = strata.psus.astype(np.int64), strata.fraction
    kind = replicates.kind
    _check(replicates, counts)
    if np.any(strata.averaged) or np.any(strata.centring == 0):
        raise _wrong(
            "replicates-lonely",
            "replicates cannot average or centre strata with one PSU; choose lonely = certainty"
            " or collapse",
            "重复权数无法对只有一个初级抽样单元的层取平均或居中；请选择 lonely = certainty 或"
            " collapse",
        )
    hadamard = None
    rscales = np.ones(replicates.count)
    scale = 1.0 / max(replicates.count - 1, 1)
    if kind in ("jk1", "jkn"):
        rscales = np.repeat((counts - 1) / counts * (1 - fraction), counts)
        scale = 1.0
    elif kind in ("brr", "fay"):
        hadamard = _hadamard(len(counts) + 1)
        rscales = np.ones(len(hadamard))
        scale = 1.0 / (len(hadamard) * (1 - replicates.rho) ** 2)
    return Plan(
        kind,
        counts,
        fraction,
        len(rscales),
        scale if replicates.scale is None else replicates.scale,
        rscales if replicates.rscales is None else np.array(replicates.rscales),
        replicates.seed,
        replicates.rho,
        hadamard,
    )


def _check(replicates: Replicates, psus: npt.NDArray[np.int64]) -> None:
    kind = replicates.kind
    if kind == "bootstrap" and replicates.count < 2:
        raise _wrong(
            "replicates-too-few",
            "a bootstrap needs at least 2 replicates; 500 is usual",
            "自助法至少需要 2 个重复样本，通常取 500 个",
        )
    if kind == "jk1" and len(psus) > 1:
        raise _wrong(
            "jk1-with-strata",
            "JK1 is for samples without strata; use jkn",
            "JK1 只适用于不分层的样本，请改用 jkn",
        )
    if kind in ("jk1", "jkn") and (np.any(psus < 2) or psus.sum() > MOST_JACKKNIFE):
        raise _wrong(
            "jackknife-unsuitable",
            f"a jackknife needs two PSUs in every stratum and at most {MOST_JACKKNIFE} in all"
            f" (here the smallest stratum has {psus.min()}, all together {psus.sum()}); use"
            " linearisation or the bootstrap",
            f"刀切法要求每层至少两个初级抽样单元且总数不超过 {MOST_JACKKNIFE}"
            f"（此处最小的层有 {psus.min()} 个，合计 {psus.sum()} 个），请改用线性化或自助法",
        )
    if kind in ("brr", "fay") and np.any(psus != 2):
        raise _wrong(
            "brr-needs-pairs",
            f"balanced replication needs exactly two PSUs in every stratum; {(psus != 2).sum()}"
            " strata have another number; use jkn or bootstrap",
            f"平衡半样本要求每层恰有两个初级抽样单元，有 {(psus != 2).sum()} 个层不符，"
            "请改用 jkn 或 bootstrap",
        )


def _wrong(code: str, message: str, message_zh: str) -> MeasureError:
    return MeasureError(code, message, message_zh, place="replicates")


def _hadamard(least: int) -> npt.NDArray[np.int64]:
    """Sylvester's Hadamard matrix of the smallest power of two that is at least ``least``."""
    signs = np.ones((1, 1), np.int64)
    while len(signs) < least:
        signs = np.block([[signs, signs], [signs, -signs]])
    return signs
