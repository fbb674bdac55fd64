"""The sampled structures of a study as one set of draws: which structure holds is one more unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.priors import read_priors
from iskdyn.calibration.spread import Spread, centre_of, every_number
from iskdyn.calibration.variants import Variant, VariantDraws, study_of
from iskdyn.telling.thresholds import LIGHT

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration.objective import Objective
    from iskdyn.calibration.priors import Priors
    from iskdyn.calibration.result import FitResult
    from iskdyn.study import Study

Array = NDArray[np.float64]


def mixture(
    study: Study, fit: FitResult, found: Mapping[str, VariantDraws], n_draws: int, seed: int
) -> Spread:
    """Draws of several structures, each as often as the evidence weighs it, in an order by chance.

    What a structure fixes is a column as any other, so that a run of a draw needs nothing else to be set.

    Parameters
    ----------
    fit : at whose values the best run stands
    found : the structures, each with `n_draws` draws or as many as are stored
    seed : of the order
    """
    total = sum(structure.weight for structure in found.values())
    shares = {name: structure.weight / total for name, structure in found.items()}
    counts = apportioned(np.array(list(shares.values())), n_draws)
    names = all_names(study, [structure.variant.set for structure in found.values()])
    draws = {
        name: filled(study, names, structure.variant, structure.spread.names, structure.spread.draws[:count])
        for (name, structure), count in zip(found.items(), counts, strict=True)
    }
    learned = mean_where_free(
        names,
        [
            (structure.spread.names, structure.spread.contraction, shares[name])
            for name, structure in found.items()
        ],
    )
    mixed = together(study, names, draws, centre_of(study, fit, names), learned)
    return shuffled(mixed, np.random.default_rng(seed))


def together(
    study: Study, names: tuple[str, ...], draws: Mapping[str, Array], centre: Array, contraction: Array
) -> Spread:
    """Draws of several structures, one after another.

    Parameters
    ----------
    names : of all columns, of the model or not
    draws : by structure (n, n_names)
    """
    return Spread(
        kind="posterior",
        names=names,
        in_model=np.array([name in study.program for name in names]),
        centre=centre,
        contraction=contraction,
        draws=np.concatenate(list(draws.values())),
        structures=tuple(draws),
        structure=np.repeat(np.arange(len(draws)), [len(rows) for rows in draws.values()]),
    )


def shuffled(found: Spread, rng: np.random.Generator) -> Spread:
    """The same draws in an order by chance, so that the first ones are a mixture too."""
    order = rng.permutation(len(found.draws))
    return replace(found, draws=found.draws[order], structure=found.structure[order])


@dataclass(frozen=True)
class Part:
    """A structure of more than a little weight, or all light ones together.

    Attributes
    ----------
    title : what it says, a clause in plain words
    weight : its share by the evidence; those of all parts add to 1
    spread : draws of it alone, or of its members as often as they weigh
    """

    name: str
    title: str
    weight: float
    spread: Spread


OTHERS = "the other structures"


def parts(
    study: Study, fit: FitResult, found: Mapping[str, VariantDraws], n_draws: int, seed: int
) -> tuple[Part, ...]:
    """The sampled structures by what they weigh: those over `LIGHT` one by one, heaviest first, then all others.

    Parameters
    ----------
    fit : at whose values the best run stands
    found : the structures by name, see `load_variants`
    n_draws, seed : of each part
    """
    heavy = sorted(
        (name for name, one in found.items() if one.weight > LIGHT), key=lambda name: -found[name].weight
    )
    light = [name for name in found if name not in heavy]
    groups = [(name, found[name].variant.title, [name]) for name in heavy]
    if light:
        groups.append((OTHERS, f"one of {len(light)} other structures holds", light))
    return tuple(
        Part(
            name,
            title,
            sum(found[one].weight for one in members),
            mixture(study, fit, {one: found[one] for one in members}, n_draws, seed),
        )
        for name, title, members in groups
    )


def weighty(found: Spread) -> dict[str, NDArray[np.bool_]]:
    """(n_draws,) which draws are of each structure with over `LIGHT` of them, and of all others if these have.

    Empty where the draws are of one structure.
    """
    if len(found.structures) < 2:
        return {}
    heavy = [i for i in range(len(found.structures)) if np.mean(found.structure == i) > LIGHT]
    others = ~np.isin(found.structure, heavy)
    told = {found.structures[i]: found.structure == i for i in heavy}
    return told | ({OTHERS: others} if others.mean() > LIGHT else {})


def prior_mixture(study: Study, variants: Sequence[Variant], n_draws: int, seed: int) -> Spread:
    """The same before any evidence: all structures equally often, every free number from its prior.

    Parameters
    ----------
    variants : the structures, each with as many of the draws as the others, to one
    n_draws : in all
    seed : of the draws; the same seed gives the same ones

    Returns
    -------
    Draws of kind "approximation", contraction 0, centre at the prior medians.
    """
    priors = read_priors(study.parameters)
    names = all_names(study, [variant.set for variant in variants])
    counts = apportioned(np.full(len(variants), 1 / len(variants)), n_draws)
    values = priors.values(np.random.default_rng(seed).standard_normal((n_draws, len(priors.names))))
    rows = np.split(values, np.cumsum(counts)[:-1])
    draws = {
        variant.name: filled(study, names, variant, priors.names, part)
        for variant, part in zip(variants, rows, strict=True)
    }
    medians = priors.values(np.zeros((1, len(priors.names))))
    centre = filled(study, names, Variant(""), priors.names, medians)[0]
    return replace(together(study, names, draws, centre, np.zeros(len(names))), kind="approximation")


def apportioned(shares: Array, n: int) -> NDArray[np.int_]:
    """How many of n each share gets: rounded down, what is left to the largest remainders; they add to n.

    >>> apportioned(np.array([0.5, 0.3, 0.2]), 4).tolist()
    [2, 1, 1]
    """
    exact = shares * n
    # a whole number of draws that rounding left just below itself is one
    counts = np.floor(exact + 1e-9).astype(int)
    most = np.argsort(-(exact - counts), kind="stable")[: n - counts.sum()]
    counts[most] += 1
    return counts


def model_values(
    study: Study, found: Spread, series: Mapping[str, pd.Series] | None = None
) -> tuple[Objective, Array]:
    """The observations, and (n_draws, n_rows) what the draws say of each on its source's scale.

    Parameters
    ----------
    series : over model time; they replace variables
    """
    if not found.structures:
        objective = every_number(study, series=series)
        return objective, objective.model_values(whitened(objective.priors, found.names, found.draws))
    values: Array | None = None
    for structure, chosen in structures_in(study, found):
        objective = every_number(study_of(study, structure), structure.set, series)
        part = objective.model_values(whitened(objective.priors, found.names, found.draws[chosen]))
        values = np.empty((len(found.draws), part.shape[1])) if values is None else values
        values[chosen] = part
    assert values is not None  # noqa: S101  # a mixture has a draw
    return objective, values


def predicted(objective: Objective, values: Array) -> pd.DataFrame:
    """5 and 95 % of what the draws say of each observation, on its source's scale, indexed by its id.

    The model's value alone; the source's own error is not added. See `model_values`, which gives both parts.
    """
    import pandas as pd

    edges = np.quantile(values, [0.05, 0.95], axis=0)
    return pd.DataFrame(edges.T, columns=["low", "high"], index=objective.sheet.table["id"].astype(str))


def structures_in(study: Study, found: Spread) -> Iterator[tuple[Variant, NDArray[np.bool_]]]:
    """Each structure of a mixture, and (n_draws,) which draws are its own, if there are any."""
    from iskdyn.calibration.variants import read_variants

    variants = {variant.name: variant for variant in read_variants(study)}
    for i, name in enumerate(found.structures):
        if (chosen := found.structure == i).any():
            yield variants[name], chosen


def by_model(study: Study, found: Spread) -> list[tuple[Study, NDArray[np.intp]]]:
    """The study with each model of a mixture, and which of the centre, 0, and the draws, from 1, are run with it.

    The first is the study's own, to which the centre belongs.
    """
    models = np.zeros(1 + len(found.draws), dtype=int)
    studies = {"": study}
    for structure, chosen in structures_in(study, found):
        studies.setdefault(structure.model, study_of(study, structure))
        models[1:][chosen] = list(studies).index(structure.model)
    return [(part, np.flatnonzero(models == i)) for i, part in enumerate(studies.values())]


def whitened(priors: Priors, names: Sequence[str], draws: Array) -> Array:
    """(n, n_parameters) standard normal scores of (n, n_names) draws; the names hold every parameter.

    Parameters
    ----------
    priors : whose order of parameters the scores have
    names : of the columns of `draws`, in any order, more than the priors' allowed
    draws : (n, n_names) values in the parameters' units
    """
    return priors.whiten(draws[:, [names.index(name) for name in priors.names]])


def all_names(study: Study, fixed: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Every parameter of the study, then what else some structure fixes."""
    return tuple(dict.fromkeys([*map(str, study.parameters["name"]), *chain.from_iterable(fixed)]))


def filled(
    study: Study, names: Sequence[str], structure: Variant, drawn: Sequence[str], draws: Array
) -> Array:
    """(n, n_names) values: as fixed by the structure, else as drawn, else as its model has them.

    Parameters
    ----------
    names : of the columns of the result
    structure : what it fixes, and its own model if it has one
    drawn : names of the columns of `draws`
    draws : (n, n_drawn) values
    """
    columns, fixed = dict(zip(drawn, draws.T, strict=True)), structure.set
    program = study_of(study, structure).program

    def column(name: str) -> Array:
        if name in columns and name not in fixed:
            return np.asarray(columns[name])
        # what another structure fixes and this one's model lacks is not read in its runs
        written = (program if name in program else study.program)[name].value
        return np.full(len(draws), fixed.get(name, written))

    return np.stack([column(name) for name in names], axis=1)


def mean_where_free(names: Sequence[str], parts: Iterable[tuple[Sequence[str], Array, float]]) -> Array:
    """(n_names,) weighted mean over the structures that leave a number free; 0 where none does.

    Parameters
    ----------
    parts : by structure the numbers that it leaves free, a value of each, and its weight

    >>> learned = [(("a", "b"), np.array([0.2, 0.4]), 0.75), (("a",), np.array([0.6]), 0.25)]
    >>> mean_where_free(("a", "b"), learned).round(3).tolist()
    [0.3, 0.4]
    """
    total, weight = np.zeros(len(names)), np.zeros(len(names))
    for free, values, share in parts:
        places = [names.index(name) for name in free]
        total[places] += share * values
        weight[places] += share
    return np.divide(total, weight, out=np.zeros(len(names)), where=weight > 0)
