"""What a section of the report is made from, and what it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from iskdyn.reports.story import Story

if TYPE_CHECKING:
    from iskdyn.calibration import FitResult, Part, Spread, VariantDraws
    from iskdyn.study import Study


@dataclass(frozen=True)
class Materials:
    """What every section may use.

    Attributes
    ----------
    study, fit, story : as stored
    around : draws of every number, of all sampled structures as often as they weigh
    own : draws of the model as written, for what is asked of its numbers one by one
    tell : called with what is being done
    variants : the sampled structures by name, the model as written among them
    parts : the same by weight, light ones together; none where fewer than two are sampled
    """

    study: Study
    fit: FitResult
    story: Story
    around: Spread
    own: Spread
    tell: Callable[[str], None]
    variants: Mapping[str, VariantDraws] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Section:
    """One section of the report.

    Attributes
    ----------
    id : of its place in the page
    title : its heading
    html : everything under the heading, words first
    """

    id: str
    title: str
    html: str


def render(template: str, contents: Mapping[str, object]) -> str:
    """A template of `reports/templates` filled in; text is escaped in HTML, a missing name is an error.

    The filter `figure` writes a number with three significant digits.
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
    return environment.get_template(template).render(contents)


def marked(html: str, run: str) -> str:
    """The page with the run's id on every figure and table, so that one taken out of it still carries it.

    >>> print(marked("<svg width='1'></svg>", "0a1b2c3d4e5f"))
    <svg data-run="0a1b2c3d4e5f" width='1'></svg>
    """
    return re.sub(r"<(svg|table)(?=[\s>])", rf'<\1 data-run="{run}"', html)


def figure(value: float) -> str:
    """A number for a table: three significant digits, empty where there is none."""
    if value != value:
        return ""
    return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
