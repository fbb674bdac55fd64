"""How many draws and starts every surface takes, so that one fact has one number."""

N_DRAWS = 400
"""As many as the page can run while somebody waits. A share of so many errs by 2.5 per cent at most, near nine of ten
by 1.5."""
SEED = 1
"""Fixed, so that every surface has the same draws; 0 is avoided, which SALib takes for none."""
N_SAMPLED = 6400
"""Draws of each run of a posterior: four runs are then worth more than 10,000 independent draws of each of the study's
75 numbers (decision 112). Where the model has no derivatives, five times as many (decision 83)."""
N_STARTS = 24
"""Starts of a fit: with every number free all of them ended at one point, so more only cost time."""
