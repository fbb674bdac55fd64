"""The log posterior of the study written a second time, in plain NumPy, from docs/method.md and the tables alone.

It was written before the code was read; what the text left open then (decision 69) stands in it now.
The model itself is not judged here: the caller hands in its saved series.
"""

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Row = dict[str, str]
Values = Mapping[str, float]  # of the numbers that are fitted, in their own units
Series = Mapping[str, NDArray[np.float64]]  # of the model's outputs, and "time", at the saved steps


def table(path: Path) -> list[Row]:
    """The rows of a table of the study."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


NO_NUMBER = -1e300  # the log likelihood where the model gives no number


# Priors: normal on some line, cut to the range.

LINE = {"normal": lambda x: x, "lognormal": np.log, "logitnormal": lambda x: np.log(x / (1 - x))}


def whitened(parameter: Row, value: float) -> float:
    """Where a value stands in its prior, cut to its range, in standard normal units."""
    line, a, b = LINE[parameter["prior"]], float(parameter["a"]), float(parameter["b"])
    ends = np.array([float(parameter["lower"]), float(parameter["upper"]), value])
    with np.errstate(divide="ignore"):  # the log of a range that starts at nothing
        below, above, here = stats.norm.cdf((line(ends) - line(a)) / b)
    return float(stats.norm.ppf((here - below) / (above - below)))


def log_prior(parameters: list[Row], values: Values) -> float:
    """Of the whitened numbers, which are independent standard normals."""
    z = [whitened(row, values[row["name"]]) for row in parameters if row["free"] == "yes"]
    return float(stats.norm.logpdf(z).sum())


# Readings: one number of the model's series for one observation.


def month(text: str) -> int:
    """Months since July 2021."""
    year, of_year = text.split("-")
    return 12 * (int(year) - 2021) + int(of_year) - 7


def mean(series: Series, output: str, first: float, last: float) -> float:
    """Of the straight lines through the saved values."""
    inside = (series["time"] >= first - 1e-9) & (series["time"] <= last + 1e-9)
    return float(np.trapezoid(series[output][inside], series["time"][inside])) / (last - first)


def over(series: Series, output: str, start: str, end: str, operation: str) -> float:
    """One operation over the months from start to end, both inside."""
    first, last = month(start), month(end) + 1
    match operation:
        case "mean" | "ratio":
            return mean(series, output, first, last)
        case "sum":
            return mean(series, output, first, last) * (last - first)
        case "max":
            return max(mean(series, output, m, m + 1) for m in range(first, last))
        case "at_start" | "at_end":
            time = first if operation == "at_start" else last
            return float(np.interp(time, series["time"], series[output]))
    raise ValueError(f"no row of the study asks for {operation}")


def reading(row: Row, series: Series, values: Values) -> float:
    """The model's value for a row on the scale of its source; of an ordering the contrast of its windows."""
    value = over(series, row["output"], row["start"], row["end"], row["operation"])
    if row["base_start"]:
        base = over(series, row["output"], row["base_start"], row["base_end"], row["operation"])
        if row["form"].startswith("order") and row["scale"] == "linear":
            value -= base
        else:
            with np.errstate(divide="ignore", invalid="ignore"):
                value = float(np.divide(value, base))
    cancels = row["form"].startswith("order") and row["scale"] == "log"
    return value * values[row["bias"]] if row["bias"] and not cancels else value


# Likelihood.


def on_scale(scale: str, value: float) -> float:
    match scale:
        case "log":
            return float(np.log(max(value, 1e-300)))
        case "logit":
            share = min(max(value, 1e-300), 1 - 1e-16)
            return float(np.log(share / (1 - share)))
    return value


def soft_step(x: float) -> float:
    """Log of the logistic distribution function."""
    return -float(np.logaddexp(0.0, -x))


def log_likelihood_of(row: Row, value: float) -> float:
    """Of one observation, before its weight."""
    low, high = (float(row[edge]) if row[edge] else None for edge in ("low", "high"))
    spread, scale, form = float(row["spread"]), row["scale"], row["form"]
    if not np.isfinite(value):
        return NO_NUMBER
    if form == "count":
        size = spread**-2
        return float(np.log(stats.nbinom.pmf(np.arange(low, high + 1), size, size / (size + value)).sum()))
    error = spread * np.sqrt(3) / np.pi
    if form.startswith("order"):
        margin = on_scale(scale, low) if low else 0.0
        rise = on_scale(scale, value)
        return soft_step(((rise if form == "order_higher" else -rise) - margin) / error)
    here = on_scale(scale, value)
    if form == "at_least":
        return soft_step((here - on_scale(scale, low)) / error)
    if form == "at_most":
        return soft_step((on_scale(scale, high) - here) / error)
    a, b = on_scale(scale, low), on_scale(scale, high)
    between = soft_step((b - here) / error) + soft_step((here - a) / error)
    return between + float(np.log1p(-np.exp((a - b) / error)) - np.log(b - a))


def weights(rows: list[Row]) -> list[float]:
    """Rows of one sentence count as one: each by the number of them, fitted and held rows apart."""
    sentence = [
        row["note"].removeprefix("shares:") if row["note"].startswith("shares:") else row["id"]
        for row in rows
    ]
    return [1 / sentence.count(one) for one in sentence]


def log_likelihood(rows: list[Row], series: Series, values: Values) -> float:
    """Weighted sum over the rows that are fitted."""
    fitted = [row for row in rows if row["fold"] != "held"]
    terms = [log_likelihood_of(row, reading(row, series, values)) for row in fitted]
    return float(np.dot(weights(fitted), terms))


def log_posterior(parameters: list[Row], rows: list[Row], series: Series, values: Values) -> float:
    """Of the whitened numbers, but for the evidence."""
    return log_prior(parameters, values) + log_likelihood(rows, series, values)
