"""The tiny study with all that a verb may need: levers, a story, groups, structures, cuts, rules and later facts."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from claims_of_tiny import CLAIMS, TINY

SETTINGS = 'story = "reports/story.toml"\ndecisions = ["recruitment"]\n'
GROUPS = '\n[groups]\nheld = ["detained"]\n"the group" = ["members", "recruitment"]\n'
LEVER = """
[[lever]]
name = "selective repression switch"
title = "Selective repression"
group = "tactic"
tactic = "selective repression"
range = [0, 1]
off = 0
says = "Arrests."
off_means = "None."
needs = "Police."
costs = "Money."
harms = "Members."
"""
TOLD = """
title = "A tiny story"
[brief]
lead = ["members"]
doubt = ["selective repression", "recruitment"]
columns = ["detained", "members"]
method = "A tiny model."
caution = "Read it with care."
cost_note = "Indices."
[[questions]]
text = "How many were taken?"
asks = ["arrest hazard"]
"""
"""A story but for its outcomes."""
FILES = {
    "models/claims.toml": CLAIMS,
    "calibration/variants.toml": """
[[variant]]
name = "as told"

[[variant]]
name = "nobody leaves"
set = { "quiet exit hazard" = 0.0 }
""",
    "calibration/cuts.toml": """
[[variant]]
name = "many recruits"
set = { "recruits per month" = 30 }
""",
    "calibration/rules.toml": """
[[rule]]
name = "joining"
decisions = ["recruitment"]
numbers = ["recruits per month"]
""",
    "models/levers.toml": LEVER,
    "reports/story.toml": TOLD
    + "".join(
        f'[outcomes."{name}"]\nlabel = "{name}"\nmeasure = "at_end"\nunit = "people"\n'
        for name in ("detained", "members", "recruitment")
    ),
    "facts.csv": """\
id,evidence,says,output,operation,start,end,base_start,base_end,low,high,unit,form,scale,spread,bias,source,fold,headline,note
F2,N2,recruits later,recruitment,mean,2022-09,2022-12,,,20,60,Person/Month,interval,log,0.1,,police,fit,no,
""",
}

WRITING = {
    "fit": ("fit", "--starts", "1"),
    "posterior": ("posterior", "--draws", "800", "--runs", "2"),
    "variants": ("variants", "--again"),
    "score": ("score", "--draws", "200", "--runs", "2"),
    "profile": ("profile", "--parameter", "arrest hazard", "--out", "calibration/results/profiles.json"),
    "cuts": ("cuts",),
    "nulls": ("nulls",),
    "weights": ("weights",),
    "rules": ("rules",),
    "freeze": ("freeze",),
    "assimilate": ("assimilate", "--facts", "facts.csv"),
    "claims": ("claims", "--out", "claims.json"),
    "sensitivity": ("sensitivity", "--samples", "64", "--out", "sensitivity.json"),
    "compare": ("compare", "no-arrests", "--draws", "20", "--out", "compared.csv"),
    "ensemble": ("ensemble", "--draws", "50", "--out", "ensemble"),
    "run.csv": ("run", "--fitted", "--out", "run.csv"),
    "run.nc": ("run", "--fitted", "--out", "run.nc"),
    "run.json": ("run", "--fitted", "--out", "run.json"),
    "doc": ("doc",),
    "brief": ("brief",),
    "page": ("page",),
}
"""Every verb that writes, as asked in the folder of the study; `recover` writes in processes of its own."""


def write_whole_tiny(folder: Path) -> Path:
    """The study without results, in a new folder."""
    shutil.copytree(TINY, folder)
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    settings = folder / "study.toml"
    text = SETTINGS + settings.read_text(encoding="utf-8") + GROUPS
    rows = folder / "calibration" / "observations.csv"  # a fitted row must read the group of the detained
    read = rows.read_text(encoding="utf-8").replace("O3,E03", "O3,E02").replace("author,held", "author,fit")
    rows.write_text(read, encoding="utf-8")
    settings.write_text(text, encoding="utf-8")
    return folder


def store_accepted(folder: Path) -> None:
    """Store a fit and a short posterior that counts as accepted."""
    from iskdyn import open_study
    from iskdyn.calibration import Sampling, every_number, fit, sample_posterior, store_fit, store_posterior

    study, sampling = open_study(folder), Sampling(n_draws=800, runs=2, kept=50)
    drawn = sample_posterior(every_number(study), sampling)
    results = study.path_of("results")
    store_fit(fit(study, starts=2), results / "fit.json", study)
    accepted = replace(drawn, gates=drawn.gates.assign(passes=True))
    store_posterior(accepted, sampling, results / "posterior.nc", study)
