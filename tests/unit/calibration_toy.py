"""A toy study for the calibration tests: members who join at a rate and leave at another."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

CONSTANTS = ("joining", "leaving", "beginning")
TRUTH = {"joining": 120.0, "leaving": 0.05, "beginning": 1500.0, "claim": 1.5}


class ToyRunner:
    """dM/dt = joining - leaving M, solved exactly; the face of a prepared model."""

    outputs = ("members", "recruits", "leavers")

    def __init__(self, inputs=CONSTANTS, outputs=outputs, final_time=24.0):
        self.inputs, self.outputs = tuple(inputs), tuple(outputs)
        self.times = np.arange(0, final_time + 1e-9, 0.25)
        self.n_calls = 0

    def __call__(self, values):
        self.n_calls += 1
        given = dict(zip(self.inputs, values.T, strict=True))
        joining, leaving, beginning = (
            given.get(name, np.full(len(values), TRUTH[name]))[:, None] for name in CONSTANTS
        )
        settled = joining / leaving
        members = settled + (beginning - settled) * np.exp(-leaving * self.times)
        series = {
            "members": members,
            "recruits": joining + 0 * members,
            "leavers": leaving * members,
        }
        result = np.stack([series[name] for name in self.outputs], axis=1)
        result[(leaving > 1.0)[:, 0]] = np.nan
        return result

    def way_back(self, steps=1):
        """None: it has no derivatives, so that a sampler walks at random."""


@dataclass(frozen=True)
class Differences:
    """Derivatives of a toy by differences; `factor` multiplies what it gives, to lead it astray."""

    runner: ToyRunner
    factor: float = 1.0

    def values(self, values):
        return self.factor * self.runner(values)

    def vjp(self, values, cotangent):
        slopes = np.empty_like(values)
        for i in range(values.shape[1]):
            step = 1e-6 * values[:, i]
            ends = values.copy(), values.copy()
            ends[0][:, i] += step
            ends[1][:, i] -= step
            away = self.values(ends[0]) - self.values(ends[1])
            slopes[:, i] = np.sum(away * cotangent, axis=(1, 2)) / (2 * step)
        return self.values(values), slopes


class SwungToy(ToyRunner):
    """The same with derivatives."""

    def way_back(self, steps=1):
        return Differences(self)


def toy_parameters() -> pd.DataFrame:
    rows = [
        ("joining", "constant", 10.0, 1000.0, "lognormal", 100.0, 0.7, "yes"),
        ("leaving", "constant", 0.001, 2.0, "lognormal", 0.1, 1.0, "yes"),
        ("beginning", "constant", 100.0, 9000.0, "lognormal", 1000.0, 0.7, "no"),
        ("claim", "bias", 0.5, 4.0, "lognormal", 1.25, 0.3, "yes"),
    ]
    table = pd.DataFrame(rows, columns=["name", "kind", "lower", "upper", "prior", "a", "b", "free"])
    return table.assign(unit="1", source="toy", note="")


def toy_observations(width: float = 0.01) -> pd.DataFrame:
    """Narrow intervals round the truth; the claims of one source are 1.5 times too high."""
    rows = [
        ("T1", "recruits", "mean", 0, 12, "interval", "", "fit"),
        ("T2", "members", "at_end", 0, 24, "interval", "", "fit"),
        ("T3", "members", "mean", 6, 12, "interval", "claim", "fit"),
        ("T4", "leavers", "sum", 0, 24, "interval", "", "fit"),
        ("T5", "members", "at_end", 0, 12, "interval", "", "held"),
        ("T6", "members", "mean", 0, 24, "at_least", "claim", "fit"),
    ]
    table = pd.DataFrame(rows, columns=["id", "output", "operation", "start", "end", "form", "bias", "fold"])
    truth = ToyRunner()(np.array([[TRUTH[name] for name in CONSTANTS]]))[0]
    times, place = ToyRunner().times, {name: i for i, name in enumerate(ToyRunner.outputs)}
    edges = []
    for row in table.itertuples():
        inside = (times >= row.start) & (times <= row.end)
        series = truth[place[row.output]]
        mean = np.trapezoid(series[inside], times[inside]) / (row.end - row.start)
        value = {"mean": mean, "sum": mean * (row.end - row.start), "at_end": series[inside][-1]}
        level = value[row.operation] * (TRUTH["claim"] if row.bias else 1)
        edges.append((level / (1 + width), level * (1 + width)))
    table[["low", "high"]] = edges
    table.loc[5, "low"] *= 0.5
    table.loc[5, "high"] = np.nan
    return table.assign(
        evidence="", says="said", base_start=np.nan, base_end=np.nan, unit="person", scale="log",
        spread=width, source="toy", headline="no", note="",
    )  # fmt: skip
