"""The rules by which actors decide: each fitted alone, then the loops through them closed one by one.

A rule fitted only within the closed model may lean on the errors of the others. So each is first fitted to the
rows that read what it gives, with every other decision on its own path of the best fit (partial-model testing, Homer
1983, takes such paths from data; here they are the fit's, since the paper gives no series). Then all decisions
begin on their paths and are freed group by group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.profile import refit
from iskdyn.calibration.spread import every_number, fitted_point
from iskdyn.calibration.table_store import StoredTable, current_table, store_table
from iskdyn.calibration.variants import twice
from iskdyn.errors import Problem, StudyError
from iskdyn.model.names import suggest
from iskdyn.study.form_check import read_form
from iskdyn.study.settings import toml_place
from iskdyn.study.stamp import RESTS_ON

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration.objective import Objective
    from iskdyn.calibration.result import FitResult
    from iskdyn.study import Study

Array = NDArray[np.float64]
RULES = "rules.json"
"""The stored tables, in the results folder."""

TOLERANCE = 1e-8
"""Relative change of loss and z at which the fit of a rule alone ends: it begins far off, with few numbers."""
MOST_STEPS = 200
"""Descent steps of such a fit, as of a fit of the whole model."""


@dataclass(frozen=True)
class Rule:
    """One group of decisions.

    Attributes
    ----------
    name : a few plain words
    decisions : variables of the model, of those that study.toml names
    numbers : parameters that stand in its equations; none where all of them are given
    reads : other variables of the model by which it shows: rows that read these or a decision are its rows
    """

    name: str
    decisions: tuple[str, ...]
    numbers: tuple[str, ...]
    reads: tuple[str, ...] = ()


def read_rules(study: Study) -> tuple[Rule, ...]:
    """The rules of a study in the order in which their loops are closed.

    Raises
    ------
    StudyError : with every problem of the file, or there is none
    """
    path, shown = study.path_of("rules"), study.settings.rules
    if not path.is_file():
        raise StudyError(Problem(shown, "is not there; it names the rules of the actors, as [[rule]] tables"))
    found, text = read_form(path, "rules", shown)
    problems: list[Problem] = []
    rules = [
        Rule(row["name"].strip(), *(tuple(row.get(key, ())) for key in ("decisions", "numbers", "reads")))
        for row in found["rule"]
    ]
    decided = [name for rule in rules for name in rule.decisions]
    problems += twice([rule.name for rule in rules], text, shown) + twice(decided, text, shown)
    read = set(study.observations["output"])
    for rule in rules:
        place = toml_place(text, shown, rule.name)
        problems += _unknown(rule.decisions, study.settings.decisions, "decision of study.toml", place)
        problems += _unknown(rule.numbers, study.parameters["name"], "parameter of the study", place)
        problems += _unknown(rule.reads, [one.name for one in study.program], "variable of the model", place)
        if not read & {*rule.decisions, *rule.reads}:
            problems.append(Problem(place, "no observation reads what it decides; add `reads`"))
    problems += [
        Problem(shown, f"no rule has the decision '{name}' of study.toml")
        for name in study.settings.decisions
        if name not in decided
    ]
    if problems:
        raise StudyError(problems)
    return tuple(rules)


def _unknown(names: Iterable[str], known: Iterable[str], what: str, place: str) -> list[Problem]:
    known = list(known)
    return [
        Problem(place, f"'{name}' is no {what}{suggest(name, known)}") for name in names if name not in known
    ]


@dataclass(frozen=True)
class Step:
    """One line of the two tables.

    Attributes
    ----------
    kind : "alone": a rule fitted alone; "closing": all rows with the rules up to this one free
    name : the rule's, or what stands in its place on the first and last line of "closing"
    n_rows : fitted rows that count here
    log_likelihood, holding : their weighted log-likelihood and how many hold, with the rule's numbers
        fitted alone ("closing": with the numbers of every rule freed so far fitted alone)
    best, best_holding : the same with all numbers of the best fit
    median, median_holding : "alone": with the rule's numbers at their prior medians; else NaN and 0
    numbers : "alone": each number with its prior median ("median"), fitted "alone", and in the "whole" fit
    rule : "alone": the rule as the file had it
    """

    kind: Literal["alone", "closing"]
    name: str
    n_rows: int
    log_likelihood: float
    holding: int
    best: float
    best_holding: int
    median: float = float("nan")
    median_holding: int = 0
    numbers: Mapping[str, Mapping[str, float]] | None = None
    rule: Mapping[str, Sequence[str]] | None = None


def close_rules(
    study: Study,
    fit: FitResult,
    rules: Sequence[Rule],
    progress: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Each rule fitted alone, then the loops closed one by one; one row a `Step`.

    Parameters
    ----------
    fit : whose numbers everything has that is not being fitted, and whose paths the held decisions follow
    rules : in the order in which they are freed
    progress : called with what was done
    """
    import pandas as pd

    decisions = [name for rule in rules for name in rule.decisions]
    whole = every_number(study, fit.fixed)
    paths = _paths(study, fit, decisions, float(whole.runner.times[-1]))
    best = fitted_point(study, fit, whole)
    alone, steps = best.copy(), []

    def held(free: Iterable[str]) -> Objective:
        series = {name: path for name, path in paths.items() if name not in set(free)}
        return every_number(study, fit.fixed, series)

    for rule in rules:
        step, z = _alone(rule, held(rule.decisions), best)
        columns = _columns(rule, whole)
        alone[columns] = z[columns]
        steps.append(step)
        if progress is not None:
            progress(f"{rule.name} alone")
    steps.append(_closing("every decision on its path", held(()), best, best))
    freed: list[str] = []
    numbers = best.copy()
    for rule in rules:
        freed += rule.decisions
        columns = _columns(rule, whole)
        numbers[columns] = alone[columns]
        steps.append(_closing(rule.name, held(freed), numbers, best))
        if progress is not None:
            progress(f"{rule.name} closed")
    steps.append(_closing("the whole fit", whole, best, best))
    return pd.DataFrame([asdict(step) for step in steps])


def store_rules(table: pd.DataFrame, study: Study) -> Path:
    """Write the two tables; gives where."""
    path = study.path_of("results") / RULES
    store_table(table, {"tolerance": TOLERANCE}, path, study, "rule table", (*RESTS_ON, "fit"))
    return path


def load_rules(study: Study) -> StoredTable:
    """The stored tables of the study's rules; see `Step` for the columns.

    Raises
    ------
    StudyError : they are not there, or the study, its fit or a rule has changed since
    """
    path = study.path_of("results") / RULES
    stored = current_table(study, path, "rule table")
    then = [rule for rule in stored.rows["rule"] if isinstance(rule, dict)]
    if then != [_plain(rule) for rule in read_rules(study)]:
        message = f"was made before a change of {study.settings.rules}; run `iskdyn rules`"
        raise StudyError(Problem(str(path), message))
    return stored


def _plain(rule: Rule) -> dict[str, Any]:
    return {"decisions": [*rule.decisions], "numbers": [*rule.numbers], "reads": [*rule.reads]}


def _paths(study: Study, fit: FitResult, decisions: Sequence[str], end: float) -> dict[str, pd.Series]:
    """The path of each decision in the best fit, at every time step."""
    import pandas as pd

    from iskdyn.simulate import simulate

    constants = {**fit.constants, **fit.fixed}
    step = study.program["TIME STEP"].value
    run = simulate(study.program, constants, outputs=decisions, final_time=end, save_every=step)
    return {name: pd.Series(run[name].values, index=run["time"].values) for name in decisions}


def _alone(rule: Rule, objective: Objective, best: Array) -> tuple[Step, Array]:
    """A rule's numbers fitted to its own rows from their prior medians on, and the whole z that comes of it."""
    sheet = objective.sheet
    own = sheet.table["output"].isin([*rule.decisions, *rule.reads]).to_numpy() & sheet.fitted
    objective = replace(objective, sheet=replace(sheet, fitted=own))
    columns = _columns(rule, objective)
    median = best.copy()
    median[columns] = 0.0
    z = refit(objective, median, columns, TOLERANCE, MOST_STEPS) if columns.size else best
    values = {name: objective.priors.values(at[None, :])[0] for name, at in _named(median, z, best)}
    names = objective.priors.names
    scores = [_score(objective, at) for at in (z, best, median)]
    (log_likelihood, holding), (at_best, best_holding), (at_median, median_holding) = scores
    step = Step(
        "alone",
        rule.name,
        int(own.sum()),
        log_likelihood,
        holding,
        at_best,
        best_holding,
        at_median,
        median_holding,
        {names[i]: {name: float(value[i]) for name, value in values.items()} for i in columns},
        _plain(rule),
    )
    return step, z


def _named(median: Array, alone: Array, whole: Array) -> Iterable[tuple[str, Array]]:
    return {"median": median, "alone": alone, "whole": whole}.items()


def _closing(name: str, objective: Objective, z: Array, best: Array) -> Step:
    """All fitted rows with some decisions free."""
    n_rows = int(objective.sheet.fitted.sum())
    return Step("closing", name, n_rows, *_score(objective, z), *_score(objective, best))


def _score(objective: Objective, z: Array) -> tuple[float, int]:
    """The weighted log-likelihood of the fitted rows at z, and how many of them hold."""
    values = objective.model_values(z[None, :])
    sheet = objective.sheet
    log_likelihood = float(objective.score(values)[0] @ (sheet.weights * sheet.fitted))
    holds = [bool(form.holds(value)) for form, value in zip(sheet.forms, values[0], strict=True)]
    return log_likelihood, int(np.sum(np.array(holds) & sheet.fitted))


def _columns(rule: Rule, objective: Objective) -> NDArray[np.intp]:
    """Places of a rule's numbers in z, but of those that the fit fixed."""
    names = objective.priors.names
    return np.array([names.index(name) for name in rule.numbers if name in names], dtype=np.intp)
