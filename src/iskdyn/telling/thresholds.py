"""Every line at which readers are told something else, once: all rooms, the command line and the page take them here.

The words for them (`words.py`) are made from these numbers, and the page has them in its data. Lines of single
analyses that no word stands for (a gate, a tolerance) stay where they are used.
"""

from __future__ import annotations

AGREE = 0.9
"""Share of the draws that must agree on a sign, of all and of each part of the structures with some weight: with
400 draws the share errs by 1.5 hundredths, so that nine in ten is told from eight."""
FAIL = round(1 - AGREE, 12)
"""Share of the draws from which down something fails that so many others would have to say: a plain difference of two
floats lies just below one in ten, and a share of exactly that would be neither."""
EDGES = (0.05, 0.5, 0.95)
"""Low, middle and high of whatever is told with a range: quantiles over the draws."""
RANGE = EDGES[::2]
"""Its two ends."""
HALF = (0.25, 0.75)
"""The narrower range inside it, where a surface has room for both."""
SMALL = 0.01
"""A middle below this share of what it is compared with is told as hardly any: no source could see it."""
NARROW = 0.02
"""So is a difference without one sign whose range lies within this share: too small is not unknown."""
NOTABLY = 0.1
"""What is notable is so large a share of history's: ten times what is told as hardly any."""
PUT_IN = 0.99
"""Share of the draws before the evidence from which the equations put something in: what no fact could turn."""
LEARNED = 3.0
"""Factor by which the evidence must raise odds: the step beyond a bare mention of Kass & Raftery (1995,
doi:10.1080/01621459.1995.10476572)."""
ASKED = 2.0
"""Nats by which the null of a path must lie behind: odds of 7 to 1, past two standard errors that are taken off
first."""
LIGHT = 0.05
"""Weight up to which structures are told together: what holds in one draw of twenty changes no verdict by itself."""
IN_ALL = 20
"""Versions are counted out of so many, "19 of 20", where there is room: a share of 400 errs by half of one at most."""
