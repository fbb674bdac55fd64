"""`Study`: a folder of model, evidence and settings, read and checked whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from iskdyn.errors import InputError, Problem
from iskdyn.model import Program
from iskdyn.model.names import suggest
from iskdyn.study.changes import Setting
from iskdyn.study.inputs import Inputs, check_inputs, check_outputs, expected_time, read_time
from iskdyn.study.months import FORMS, PLAIN, Calendar
from iskdyn.study.own import along_own_paths
from iskdyn.study.scenarios import Scenario, read_scenario
from iskdyn.study.settings import Settings

if TYPE_CHECKING:
    import xarray as xr

    from iskdyn.simulate.runner import Engine

FIT = "fit.json"
"""The stored fit, in the results folder."""
POSTERIOR = "posterior.nc"
"""The stored posterior, beside it."""
FAR = 5000.0
"""Model time of the horizon where a broken model cannot say it: further than any table goes."""
BUNDLED = Path(__file__).parent.parent / "_study"
"""Where a wheel carries the study that it was built with."""


@dataclass(frozen=True)
class Study:
    """A study, checked: what its tables say and what can be asked of it.

    Attributes
    ----------
    root : its folder
    program : its model
    evidence, drivers, observations, parameters : its tables as written, with the column `line`;
        an empty number is NaN, an empty text ''
    scenarios : by the name of their file
    method : of integration, where another than the model's own was asked for
    """

    root: Path
    settings: Settings
    program: Program
    evidence: pd.DataFrame
    drivers: pd.DataFrame
    observations: pd.DataFrame
    parameters: pd.DataFrame
    scenarios: Mapping[str, Scenario]
    method: str | None = None

    @property
    def name(self) -> str:
        """The study's title."""
        return self.settings.name

    @property
    def calendar(self) -> Calendar:
        """Periods as model time and back."""
        return calendar_of(self.settings)

    def time(self, month: str) -> float:
        """Model time at which a period (such as a month, YYYY-MM) begins."""
        return self.calendar.time(month)

    def month(self, time: float) -> str:
        """The period that covers a model time."""
        return self.calendar.month(time)

    def window(self, first: str, last: str) -> tuple[float, float]:
        """Model times of the start of the first and the end of the last period."""
        return self.calendar.window(first, last)

    def in_words(self, month: str) -> str:
        """A period as it is said: April 2023, 22 January 1978, day 3."""
        return self.calendar.words(month)

    @property
    def series_files(self) -> list[Path]:
        """The files with the data of the observations that are whole series."""
        named = self.observations.get("series", pd.Series(dtype=str))
        return [
            self.root / file for file in sorted({text.partition(":")[0].strip() for text in named if text})
        ]

    @property
    def windowed(self) -> pd.DataFrame:
        """The observations as the fit reads them: periods that look like model times are written as model times."""
        if self.calendar.form not in (FORMS["year"], PLAIN):
            return self.observations
        ends = {"start": 0.0, "end": 1.0, "base_start": 0.0, "base_end": 1.0}
        times = {
            name: [self.time(period) + length if period else period for period in self.observations[name]]
            for name, length in ends.items()
        }
        return self.observations.assign(**times)

    def path_of(self, part: str) -> Path:
        """The file or folder of a part that study.toml names: 'model', 'observations', 'results' …

        What is written (results, report) goes to the working folder where the study is the package's own.
        """
        written = part in ("results", "report") and self.root == BUNDLED
        return (Path.cwd() if written else self.root) / str(getattr(self.settings, part))

    def stored(self, name: str) -> Path:
        """Where a stored result (a name inside the results folder) is read.

        Where the study is the package's own, so are its results, until the working folder has this one.
        """
        path = self.path_of("results") / name
        if self.root == BUNDLED and not path.exists():
            return self.root / self.settings.results / name
        return path

    @property
    def horizon(self) -> tuple[str, str]:
        """First and last period that any input may name."""
        return horizon(self.settings, self.program)

    @property
    def setting(self) -> Setting:
        """What changes and expectations in the study's files may speak of."""
        return setting_of(self.settings, self.program, self.parameters)

    def end_time(self, until: str | float | None = None) -> float:
        """Model time of the end of a run: the end of a period, a model time, or the history's end.

        Raises
        ------
        InputError : not a period or a number, or outside of the study's horizon
        """
        if until is None:
            until = self.settings.history_end or self.program["FINAL TIME"].value
        if isinstance(until, str) and self.calendar.number(until) is not None:
            time: float | None = self.time(until) + 1
        else:
            time = read_time(str(until), None)
        first, last = self.horizon
        if time is None:
            raise InputError(Problem("until", f"'{until}' is not {expected_time(self.calendar)}"))
        if not self.program["INITIAL TIME"].value < time <= self.time(last) + 1:
            raise InputError(
                Problem("until", f"{until} is outside of the study's horizon, {first} to {last}")
            )
        return time

    def scenario(self, name: str | Path) -> Scenario:
        """A scenario of the study by name, or the one in a TOML file.

        Raises
        ------
        InputError : there is none of this name, or the file is wrong
        """
        if str(name) in self.scenarios:
            return self.scenarios[str(name)]
        path = Path(name)
        if path.suffix != ".toml":
            hint = suggest(str(name), self.scenarios)
            raise InputError(Problem("scenario", f"the study has no scenario '{name}'{hint}"))
        problems: list[Problem] = []
        scenario = read_scenario(path, path.name, self.setting, problems)
        if scenario is None:
            raise InputError(problems)
        return scenario

    def run(
        self,
        set: Mapping[str, float] | None = None,
        series: Mapping[str, pd.Series] | None = None,
        scenario: Scenario | str | Path | None = None,
        outputs: Sequence[str] | None = None,
        until: str | float | None = None,
        engine: Engine = "auto",
        fitted: bool = False,
        scheduler: str | None = None,
        seed: int | None = None,
    ) -> xr.Dataset:
        """One run of the model as labelled series, the human cost first.

        Parameters
        ----------
        set : values of constants or initial stocks, in the model's units; over the scenario's
        series : levers over time, each indexed by model time or by periods (their middle)
        scenario : one of the study's by name, a file, or a `Scenario`
        outputs : names of variables; by default the study's headline
        until : last period (such as YYYY-MM) or model time; by default the end of the history
        fitted : start from the values of the stored fit instead of those written in the model
        scheduler : address of a Dask scheduler whose workers run it, with the same result
        seed : of the model's random functions; by default its NOISE SEED, else 1

        Raises
        ------
        InputError : with every unknown name, value out of range and date outside of the horizon
        """
        import xarray

        from iskdyn.simulate import simulate

        inputs = self._inputs(set or {}, series or {}, scenario, fitted)
        names = list(self.settings.headline if outputs is None else outputs)
        end = self.end_time(until)
        problems = check_inputs(self.program, inputs, last_time=self.time(self.horizon[1]) + 1)
        problems += check_outputs(self.program, names)
        if problems:
            raise InputError(problems)
        base = Inputs(self.fitted_values() if fitted else {}).spelled(self.program)
        inputs = along_own_paths(self.program, inputs, base, end)
        result = simulate(
            self.program,
            dict(inputs.values),
            dict(inputs.series),
            names,
            final_time=end,
            engine=engine,
            scheduler=scheduler,
            seed=seed,
        )
        months = np.array([self.month(time) for time in result["time"].values])
        # `fastpath` as in `iskdyn.simulate.run`: a command starts in half the time
        return result.assign_coords(month=xarray.Variable(("time",), months, fastpath=True))

    def fitted_values(self) -> dict[str, float]:
        """The constants as the stored fit has them.

        Raises
        ------
        StudyError : there is no stored fit, or it belongs to another state of the study
        """
        from iskdyn.study.fitted import fitted_values

        return fitted_values(self, self.stored(FIT))

    def _inputs(
        self,
        values: Mapping[str, float],
        series: Mapping[str, pd.Series],
        scenario: Scenario | str | Path | None,
        fitted: bool,
    ) -> Inputs:
        """What is given, over the scenario, over the stored fit."""
        if scenario is not None and not isinstance(scenario, Scenario):
            scenario = self.scenario(scenario)
        layers = [
            Inputs(self.fitted_values() if fitted else {}),
            scenario.inputs if scenario else Inputs(),
            Inputs(values, {name: self._over_time(name, one) for name, one in series.items()}),
        ]
        base, changed, given = (layer.spelled(self.program) for layer in layers)
        return given.over(changed).over(base)

    def _over_time(self, name: str, series: pd.Series) -> pd.Series:
        times = [read_time(str(label), self.calendar) for label in series.index]
        bad = [label for label, time in zip(series.index, times, strict=True) if time is None]
        if bad:
            raise InputError(Problem(name, f"'{bad[0]}' is not {expected_time(self.calendar)}"))
        return pd.Series(series.to_numpy(dtype=float), index=pd.Index(times, dtype=float))


def setting_of(settings: Settings, program: Program, parameters: pd.DataFrame) -> Setting:
    """What changes and expectations in the files of a study may speak of."""
    sampled = frozenset(map(str, parameters["name"]))
    return Setting(program, calendar_of(settings), sampled, settings.decisions, horizon(settings, program))


def horizon(settings: Settings, program: Program | None) -> tuple[str, str]:
    """First and last period that any input may name: as stated, else up to the model's FINAL TIME."""
    calendar = calendar_of(settings)
    last = settings.horizon or settings.history_end
    if not last:
        last = calendar.month(FAR if program is None else program["FINAL TIME"].value - 0.5)
    first = settings.start or calendar.month(0.0 if program is None else program["INITIAL TIME"].value)
    return first, last


def calendar_of(settings: Settings) -> Calendar:
    """How a study's periods are written, and where they begin."""
    return Calendar(settings.start, settings.clock)
