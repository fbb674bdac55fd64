"""From a study's tables to a fitted model: priors, observation operators, likelihood, fit and its store."""

from iskdyn.calibration.fit import fit, fit_objective, study_objective
from iskdyn.calibration.inference_data import inference_data
from iskdyn.calibration.laplace import Laplace, laplace
from iskdyn.calibration.leave_out import gain
from iskdyn.calibration.likelihood import About, AtLeast, AtMost, Count, Form, Interval, Order
from iskdyn.calibration.mixture import (
    Part,
    mixture,
    model_values,
    parts,
    predicted,
    prior_mixture,
    weighty,
)
from iskdyn.calibration.objective import Objective, build_objective
from iskdyn.calibration.operators import Reader, Reading
from iskdyn.calibration.posterior import Posterior, Sampling, sample_posterior
from iskdyn.calibration.posterior_store import (
    StoredPosterior,
    current_posterior,
    load_posterior,
    store_posterior,
)
from iskdyn.calibration.predictive import expected_inside, predictive_table
from iskdyn.calibration.priors import Prior, Priors, read_priors
from iskdyn.calibration.result import FitResult, row_table
from iskdyn.calibration.sheet import Sheet, read_sheet
from iskdyn.calibration.spread import (
    Spread,
    every_number,
    prior_shares,
    spread,
)
from iskdyn.calibration.store import load_fit, store_fit
from iskdyn.calibration.table_store import StoredTable, load_table, store_table
from iskdyn.calibration.variants import (
    Variant,
    VariantDraws,
    load_variants,
    read_variants,
    study_of,
    variant_files,
    variant_named,
)
from iskdyn.study.sealed import verify

__all__ = [
    "About",
    "AtLeast",
    "AtMost",
    "Count",
    "FitResult",
    "Form",
    "Interval",
    "Laplace",
    "Objective",
    "Order",
    "Part",
    "Posterior",
    "Prior",
    "Priors",
    "Reader",
    "Reading",
    "Sampling",
    "Sheet",
    "Spread",
    "StoredPosterior",
    "StoredTable",
    "Variant",
    "VariantDraws",
    "build_objective",
    "current_posterior",
    "every_number",
    "expected_inside",
    "fit",
    "fit_objective",
    "gain",
    "inference_data",
    "laplace",
    "load_fit",
    "load_posterior",
    "load_table",
    "load_variants",
    "mixture",
    "model_values",
    "parts",
    "predicted",
    "predictive_table",
    "prior_mixture",
    "prior_shares",
    "read_priors",
    "read_sheet",
    "read_variants",
    "row_table",
    "sample_posterior",
    "spread",
    "store_fit",
    "store_posterior",
    "store_table",
    "study_objective",
    "study_of",
    "variant_files",
    "variant_named",
    "verify",
    "weighty",
]
