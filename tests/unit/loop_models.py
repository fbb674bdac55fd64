"""Small models for the tests of loops, and the way from a model to its loops."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from iskdyn.confidence.loops import find_loops, link_scores, links_of, trace
from iskdyn.model import read_model

CLOCK = """
INITIAL TIME= {first} ~ Month ~|
FINAL TIME= {last} ~ Month ~|
TIME STEP= {step} ~ Month ~|
SAVEPER= TIME STEP ~ Month ~|
"""

BASS = """{UTF-8}
Potential= INTEG(-adoption, 999999.0) ~ Person ~|
Adopters= INTEG(adoption, 1.0) ~ Person ~|
total= 1e+06 ~ Person ~|
contact rate= 100 ~ 1/Month ~|
fraction= 0.015 ~ Dmnl ~|
probability= Potential/total ~ Dmnl ~|
encounters= Adopters*contact rate*probability ~ Person/Month ~|
adoption= encounters*fraction ~ Person/Month ~|
"""

YEAST = """{UTF-8}
Cells= INTEG(births - deaths, 1.0) ~ Cell ~|
Alcohol= INTEG(generation, 0.0) ~ Unit ~|
births= Cells*(1.1 - 0.1*Alcohol)/birth time ~ Cell/Month ~|
deaths= Cells*EXP(Alcohol - 11)/30 ~ Cell/Month ~|
generation= 0.01*Cells ~ Unit/Month ~|
birth time= 15 ~ Month ~|
"""

ARMS_RACE = """{UTF-8}
A= INTEG(change in A, 50.0) ~ Unit ~|
B= INTEG(change in B, 100.0) ~ Unit ~|
C= INTEG(change in C, 150.0) ~ Unit ~|
change in A= (target A - A)/time to adjust ~ Unit/Month ~|
change in B= (target B - B)/time to adjust ~ Unit/Month ~|
change in C= (target C - C)/time to adjust ~ Unit/Month ~|
target A= (B + 0.9*C)/2 ~ Unit ~|
target B= (A + 1.1*C)/2 ~ Unit ~|
target C= (1.1*A + 0.9*B)/2 ~ Unit ~|
time to adjust= 10 ~ Month ~|
"""

POPULATION = """{UTF-8}
People= INTEG(births - deaths, 100.0) ~ Person ~|
births= People*0.1 ~ Person/Month ~|
deaths= People/20 ~ Person/Month ~|
"""

DRAIN = """{UTF-8}
Water= INTEG(-leak, 100.0) ~ Litre ~|
leak= Water/5 ~ Litre/Month ~|
"""


def model(tmp_path: Path, text: str, step: float, last: float, first: float = 0):
    path = tmp_path / "model.mdl"
    path.write_text(text + CLOCK.format(first=first, last=last, step=step))
    return read_model(path)


def scored(program, **options):
    return link_scores(program, trace(program, {}, **options), links_of(program))


def found_in(program, **options):
    return find_loops(program, scored(program, **options))


def loop_with(found, *keys):
    return next(loop for loop in found.loops if set(keys) <= set(loop))


def at(found, time):
    return int(np.argmin(np.abs(found.links.times - time)))
