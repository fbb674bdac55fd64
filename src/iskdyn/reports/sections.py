"""What a section of the report is made from, and what it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from iskdyn.draws import SEED
from iskdyn.reports.finishing import softened
from iskdyn.reports.story import Story
from iskdyn.telling import mark_glyph, mark_words, threshold_words

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from markupsafe import Markup
    from numpy.typing import NDArray

    from iskdyn.calibration import FitResult, Part, Spread, VariantDraws
    from iskdyn.calibration.objective import Objective
    from iskdyn.levers import Arms, Before, Effect, Measured
    from iskdyn.study import Study


@dataclass(frozen=True)
class Materials:
    """What every section may use.

    Attributes
    ----------
    study, fit, story : as stored
    around : draws of every number, of all sampled structures as often as they weigh
    own : draws of the model as written, for what is asked of its numbers one by one
    arms : runs of history, of each tactic absent and of each rival cause absent
    tell : called with what is being done
    variants : the sampled structures by name, the model as written among them
    parts : the same by weight, light ones together; none where fewer than two are sampled
    marked : the effects of the tactics, each with who speaks, where that was asked
    """

    study: Study
    fit: FitResult
    story: Story
    around: Spread
    own: Spread
    arms: Arms
    tell: Callable[[str], None]
    variants: Mapping[str, VariantDraws] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    marked: tuple[Effect, ...] = ()

    def sampled(self, fixed: Mapping[str, float]) -> VariantDraws | None:
        """The sampled structure that fixes these constants of the study's own model, and no others."""
        own = (one for one in self.variants.values() if not one.variant.model)
        return next((one for one in own if one.variant.set == fixed), None)

    @cached_property
    def scenarios(self) -> Mapping[str, Measured]:
        """Every ready scenario in each telling; see `policy.run_scenarios`."""
        from iskdyn.reports.policy import run_scenarios

        return run_scenarios(self)

    @cached_property
    def before(self) -> Mapping[str, Before]:
        """Each ready scenario before the evidence, by name; none where effects have no marks."""
        from iskdyn.reports.policy import run_before

        return {name: one for group in run_before(self) for name, one in group.items()}

    @cached_property
    def model_values(self) -> tuple[Objective, NDArray[np.float64]]:
        """The observations, and (n_draws, n_rows) what the draws of `around` say of each on its source's scale."""
        from iskdyn.calibration import model_values

        return model_values(self.study, self.around)

    @cached_property
    def predictive(self) -> pd.DataFrame:
        """The predicted report of every row; see `calibration.predictive_table`."""
        from iskdyn.calibration import predictive_table

        return predictive_table(*self.model_values, SEED)


@dataclass(frozen=True)
class Section:
    """One section of the report.

    Attributes
    ----------
    id : of its place in the page
    title : its heading
    finding : what it found, in a sentence
    html : everything under the finding, words first
    """

    id: str
    title: str
    finding: str
    html: str


def render(template: str, contents: Mapping[str, object]) -> str:
    """A template of `reports/templates` filled in; text is escaped in HTML, a missing name is an error.

    The filter `figure` writes a number with three significant digits; `threshold` has each threshold in words.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("iskdyn.reports"),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figure"] = figure
    environment.globals["threshold"] = threshold_words()
    environment.globals["speaking"] = speaking
    environment.filters["softened"] = softened
    return environment.get_template(template).render(contents)


def speaking(mark: str | None) -> Markup:
    """Attributes of an element that says who decides a direction: its sign and its words.

    >>> print(speaking("open"))
     data-speaks="open" title="open"
    """
    from markupsafe import Markup

    if not mark:
        return Markup("")
    words, glyph = mark_words(mark), mark_glyph(mark)
    sign = Markup(' data-glyph="{}"').format(glyph) if glyph else Markup("")
    return sign + Markup(' data-speaks="{0}" title="{0}"').format(words)


def template_text(name: str) -> str:
    """A file of `reports/templates` as it is."""
    from importlib.resources import files

    return files("iskdyn.reports").joinpath("templates", name).read_text(encoding="utf-8")


def figure(value: float) -> str:
    """A number for a table: three significant digits, empty where there is none."""
    if value != value:
        return ""
    return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
