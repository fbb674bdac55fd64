"""Dask clusters on this machine, with certificates of their own where they are asked for."""

from __future__ import annotations

import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def local_cluster(n_workers: int, **more: Any) -> Iterator[Any]:
    """A cluster that waits for an answer however busy the machine is; its address is `scheduler_address`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what distributed itself warns of
        import dask
        from distributed import LocalCluster

        patient = {"distributed.comm.timeouts.tcp": "300s", "distributed.comm.timeouts.connect": "300s"}
        with (
            dask.config.set(patient),
            LocalCluster(
                processes=True,
                n_workers=n_workers,
                threads_per_worker=1,
                dashboard_address=None,
                **{"host": "127.0.0.1", **more},
            ) as local,
        ):
            yield local


def certificates(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate that has signed itself, and its key."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        f"/CN={name}",
    ]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


@contextmanager
def tls_cluster(n_workers: int, certificate: Path, key: Path) -> Iterator[Any]:
    """A cluster that talks to nobody without this certificate."""
    from distributed.security import Security

    files = {f"tls_{role}_cert": str(certificate) for role in ("scheduler", "worker", "client")}
    files |= {f"tls_{role}_key": str(key) for role in ("scheduler", "worker", "client")}
    security = Security(tls_ca_file=str(certificate), require_encryption=True, **files)
    with local_cluster(n_workers, host="tls://127.0.0.1", protocol="tls://", security=security) as local:
        yield local
