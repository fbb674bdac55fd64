"""The curvature at the optimum: which directions the data stiffen, and a normal approximation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.objective import Objective

Array = NDArray[np.float64]

NOT_LEARNED = 0.1
"""Below this contraction a parameter is said not to be learned from the data: a tenth of an sd changes no range that is
told, and 1,000 draws know an sd to two hundredths."""


@dataclass(frozen=True)
class Laplace:
    """A normal approximation of the posterior of z; an approximation only, intervals have corners.

    Parameters
    ----------
    z : (n_parameters,) the optimum
    hessian : (n_parameters, n_parameters) Gauss-Newton Hessian of the loss; the prior's part is the identity
    """

    z: Array
    hessian: Array

    @cached_property
    def eigenvalues(self) -> Array:
        """(n_parameters,) falling; 1 is a direction that the data say nothing of."""
        return np.asarray(np.linalg.eigvalsh(self.hessian)[::-1])

    @cached_property
    def sd(self) -> Array:
        """(n_parameters,) marginal standard deviations of z; a priori 1."""
        return np.asarray(np.sqrt(np.diag(np.linalg.inv(self.hessian))))

    @property
    def contraction(self) -> Array:
        """(n_parameters,) 1 - sd after / sd before: 0 nothing learned, 1 all."""
        return np.asarray(1 - self.sd)

    def draws(self, n: int, seed: int) -> Array:
        """(n, n_parameters) draws of z."""
        normal = np.random.default_rng(seed).standard_normal((n, self.z.size))
        factor = np.linalg.cholesky(self.hessian)
        return np.asarray(self.z + np.linalg.solve(factor.T, normal.T).T)


def laplace(objective: Objective, z: Array, step: float = 1e-4) -> Laplace:
    """The approximation at z, from central differences of the residuals in one batch of runs."""
    jacobian = central_jacobian(objective, z, step)
    return Laplace(z, jacobian.T @ jacobian)


def mean_curvature(objective: Objective, z: Array, step: float = 1e-3) -> Array:
    """(n_parameters, n_parameters) mean over the points z of the Gauss-Newton Hessian of -log_likelihood.

    Parameters
    ----------
    objective : whose fitted rows count
    z : (n, n_parameters) points; one that gave no number counts nothing
    step : of the forward differences
    """
    n, n_parameters = z.shape
    points = np.repeat(z[:, None, :], n_parameters + 1, axis=1)
    points[:, 1:] += step * np.eye(n_parameters)
    residuals = objective.residuals(points.reshape(-1, n_parameters))[:, :-n_parameters]
    residuals = residuals.reshape(n, n_parameters + 1, -1)
    slopes = (residuals[:, 1:] - residuals[:, :1]) / step
    slopes = np.where(np.isfinite(slopes), slopes, 0.0)
    return np.asarray(np.einsum("kim,kjm->ij", slopes, slopes, optimize=True) / n)


def central_jacobian(objective: Objective, z: Array, step: float) -> Array:
    """(n_residuals, n_parameters) derivatives of the residuals; 0 where a neighbour gave no number."""
    steps = step * np.eye(z.size)
    residuals = objective.residuals(np.concatenate([z + steps, z - steps]))
    ahead, behind = residuals[: z.size], residuals[z.size :]
    slopes = (ahead - behind).T / (2 * step)
    return np.asarray(np.where(np.isfinite(slopes), slopes, 0.0))
