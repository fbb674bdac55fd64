"""Very many runs, part by part: right by hand, the same however they are cut, stopped, damaged or spread."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from local_clusters import certificates, tls_cluster
from scipy.stats import kstest, lognorm

from iskdyn.sensitivity import ensemble

COMMAND = [sys.executable, "-m", "iskdyn.cli", "ensemble", "--quiet"]
LEAVING = """
[set]
"recruits per month" = 0
"arrest hazard" = 0
"""
N_BYTES, LONGEST_STAMP = 20, 200
TLS = ("--tls-ca-file", "--tls-cert", "--tls-key")


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(ensemble, "PART", 8)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_each_draw_gives_what_its_numbers_give_by_hand(tiny, tmp_path, iskdyn):
    (tmp_path / "leaving.toml").write_text(LEAVING)
    done = iskdyn("ensemble", "--study", tiny, "--draws", "20", "--scenario", tmp_path / "leaving.toml",
                  "--out", tmp_path / "runs")  # fmt: skip
    assert done.exit_code == 0, done.output
    found = xr.load_dataset(tmp_path / "runs/00000.nc", engine="scipy")
    recruits, arrests, exits = (
        found[name].values for name in ("recruits per month", "arrest hazard", "quiet exit hazard")
    )
    members, detained = np.full(20, 1000.0), np.zeros(20)
    for step in range(12 * 32):  # Euler, a month has 32 steps
        access = np.interp(step / 32, [0.5, 1.5, 2.5, 24], [1.0, 0.9, 0.5, 0.5])
        arrest = members * arrests
        members, detained = (
            members + (recruits * access - arrest - members * exits) / 32,
            detained + arrest / 32,
        )
    history, other = found.sel(arm="history"), found.isel(arm=1)
    np.testing.assert_allclose(history["members"], members, rtol=1e-12)
    np.testing.assert_allclose(history["detained"], detained, rtol=1e-12)
    np.testing.assert_allclose(history["recruitment"], recruits * 0.5, rtol=1e-12)
    np.testing.assert_allclose(other["members"], 1000 * (1 - exits / 32) ** 384, rtol=1e-12)
    assert not other["detained"].any()


def test_numbers_are_drawn_from_their_priors(tiny, tmp_path, iskdyn):
    iskdyn("ensemble", "--study", tiny, "--draws", "20000", "--out", tmp_path / "runs")
    parts = [xr.load_dataset(path, engine="scipy") for path in sorted((tmp_path / "runs").iterdir())]
    found = xr.concat(parts, "draw")
    assert found["draw"].values.tolist() == list(range(20000))
    assert kstest(found["quiet exit hazard"] / 0.5, "uniform").pvalue > 0.001
    # The bounds, 0 and 200, cut off a part of 400.
    assert kstest(found["recruits per month"], lognorm(0.5, scale=50).cdf).pvalue > 0.001


def test_the_first_draws_stay_where_more_are_asked_for(tiny, tmp_path, iskdyn, small):
    for folder, counts in (("once", [30]), ("twice", [12, 30])):
        for count in counts:
            iskdyn("ensemble", "--study", tiny, "--draws", str(count), "--out", tmp_path / folder)
    assert content(tmp_path / "once") == content(tmp_path / "twice")
    assert list(content(tmp_path / "once")) == [f"{i:05d}.nc" for i in range(4)]


@pytest.mark.parametrize("damage", [*range(0, 100, 5), "neighbour"])
def test_a_damaged_part_is_made_anew_or_refused_where_it_no_longer_says_whose_it_is(
    damage, tiny, tmp_path, iskdyn, small
):
    asked = ("ensemble", "--study", tiny, "--draws", "24", "--out", tmp_path / "runs")
    iskdyn(*asked)
    whole = content(tmp_path / "runs")
    path, part = tmp_path / "runs/00001.nc", whole["00001.nc"]
    if damage == "neighbour":
        path.write_bytes(whole["00002.nc"])
    else:
        path.write_bytes(part[: len(part) * damage // 100])
    ours = path.stat().st_size >= part.index(b", content ") + len(", content 01234567")
    done = iskdyn(*asked)
    assert done.exit_code == (0 if ours else 2)
    assert "00001.nc: holds no runs" in done.stderr or ours
    if not ours:
        path.unlink()
        assert iskdyn(*asked).exit_code == 0
    assert content(tmp_path / "runs") == whole


def test_a_part_with_one_byte_changed_is_never_taken_for_whole(tiny, tmp_path, iskdyn, small):
    asked = ("ensemble", "--study", tiny, "--draws", "8", "--out", tmp_path / "runs")
    iskdyn(*asked)
    path = tmp_path / "runs/00000.nc"
    whole = path.read_bytes()
    stamp = whole.index(b"iskdyn run ")
    for i in range(N_BYTES):
        at = (len(whole) - 1) * i // (N_BYTES - 1)
        damaged = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        path.write_bytes(damaged)
        done = iskdyn(*asked)
        if done.exit_code == 2:  # it no longer says whose it is
            assert stamp <= at < stamp + LONGEST_STAMP, at
            assert "00000.nc: holds no runs of this study" in done.stderr
            assert path.read_bytes() == damaged
        else:
            assert (done.exit_code, path.read_bytes() == whole) == (0, True), at


@pytest.mark.parametrize("foreign", ["seed", "study", "pickle"])
def test_runs_of_something_else_are_refused_and_stay(foreign, tiny, tmp_path, iskdyn, small):
    runs = tmp_path / "runs"
    asked = ["ensemble", "--study", tiny, "--draws", "12", "--out", runs]
    iskdyn(*asked)
    if foreign == "study":
        model = tiny / "models/tiny.mdl"
        model.write_text(model.read_text().replace("\t1000\n", "\t1001\n"))
    elif foreign == "pickle":
        (runs / "00000.nc").write_bytes(pickle.dumps({"runs": 12}))
    else:
        asked += ["--seed", "2"]
    before = content(runs)
    done = iskdyn(*asked)
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert "00000.nc: holds no runs of this study with these settings; give another --out" in done.stderr
    assert content(runs) == before


def test_a_run_without_a_number_is_nan_and_stops_nothing(tiny, tmp_path, iskdyn):
    model, settings = tiny / "models/tiny.mdl", tiny / "study.toml"
    model.write_text(
        model.read_text().replace(
            "FINAL TIME", "root= SQRT(0.2-quiet exit hazard) ~ Dmnl ~ x |\nFINAL TIME", 1
        )
    )
    settings.write_text(settings.read_text().replace('"recruitment"]', '"root"]'))
    done = iskdyn("ensemble", "--study", tiny, "--draws", "50", "--out", tmp_path / "runs")
    assert done.exit_code == 0, done.stderr
    found = xr.load_dataset(tmp_path / "runs/00000.nc", engine="scipy")
    np.testing.assert_array_equal(np.isnan(found["root"][0]), found["quiet exit hazard"] > 0.2)


def test_a_study_without_priors_says_so(tiny, tmp_path, iskdyn):
    iskdyn("init", tiny / "models/tiny.mdl", "--out", tmp_path / "new")
    settings = tmp_path / "new/study.toml"
    settings.write_text(settings.read_text().replace('parameters = "calibration/parameters.csv"\n', ""))
    done = iskdyn("ensemble", "--study", tmp_path / "new", "--draws", "5", "--out", tmp_path / "runs")
    assert (done.exit_code, "no number of the model has a prior" in done.stderr) == (2, True)
    assert not (tmp_path / "runs").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills with a POSIX signal")
def test_a_killed_job_goes_on_to_the_same_bytes(tiny, tmp_path, iskdyn):
    asked = ["--study", str(tiny), "--draws", "120000", "--out"]
    assert iskdyn("ensemble", *asked, tmp_path / "undisturbed").exit_code == 0
    for n_parts in (1, 3, 5):
        child = subprocess.Popen([*COMMAND, *asked, tmp_path / "killed"])
        while child.poll() is None and not (tmp_path / f"killed/{n_parts:05d}.nc").exists():
            time.sleep(0.005)
        child.kill()
        assert child.wait() == -signal.SIGKILL
    assert iskdyn("ensemble", *asked, tmp_path / "killed").exit_code == 0
    assert content(tmp_path / "killed") == content(tmp_path / "undisturbed")


needs_tls = pytest.mark.skipif(
    find_spec("distributed") is None or shutil.which("openssl") is None,
    reason="distributed or openssl is not installed: no cluster with certificates to test",
)


@pytest.mark.slow
@needs_tls
def test_two_workers_with_certificates_and_one_killed_give_the_same_bytes(tiny, tmp_path, iskdyn):
    asked = ["--study", str(tiny), "--draws", "120000", "--out"]
    iskdyn("ensemble", *asked, tmp_path / "here")
    certificate, key = certificates(tmp_path, "own")
    with tls_cluster(2, certificate, key) as local:
        files = [word for pair in zip(TLS, (certificate, certificate, key), strict=True) for word in pair]
        child = subprocess.Popen(
            [*COMMAND, *asked, tmp_path / "there", "--scheduler", local.scheduler_address, *files]
        )
        while child.poll() is None and not (tmp_path / "there/00001.nc").exists():
            time.sleep(0.01)
        os.kill(next(iter(local.workers.values())).pid, signal.SIGKILL)
        assert not (tmp_path / "there/00007.nc").exists()
        assert child.wait() == 0
    assert content(tmp_path / "there") == content(tmp_path / "here")


@pytest.mark.slow
@needs_tls
def test_certificates_come_by_options_or_environment_and_are_asked_for(tiny, tmp_path):
    certificate, key = certificates(tmp_path, "own")
    other, _ = certificates(tmp_path, "other")
    settings = {"CA_FILE": certificate, "CLIENT__CERT": certificate, "CLIENT__KEY": key}
    environment = {f"DASK_DISTRIBUTED__COMM__TLS__{name}": str(path) for name, path in settings.items()}
    with tls_cluster(1, certificate, key) as local:

        def run(*more: object, **known: str) -> subprocess.CompletedProcess[str]:
            command = [
                sys.executable,
                "-m",
                "iskdyn.cli",
                "run",
                "--study",
                tiny,
                "--json",
                "--engine",
                "ensemble",
            ]
            return subprocess.run(
                [*command, *more], capture_output=True, text=True, check=False, env=os.environ | known
            )

        there = ("--scheduler", local.scheduler_address)
        here = run().stdout
        assert run(*there, **environment).stdout == here
        mine = ("--tls-cert", certificate, "--tls-key", key)
        assert run(*there, "--tls-ca-file", certificate, *mine).stdout == here
        for wrong, words in (
            ((), "asks for certificates: give --tls-ca-file, --tls-cert and --tls-key"),
            (("--tls-ca-file", other, *mine), "TLS certificate does not match"),
            (("--tls-ca-file", tiny / "study.toml", *mine), "cannot be read"),
            (("--tls-ca-file", tmp_path / "none"), "none is no file"),
        ):
            done = run(*there, *wrong)
            told = [line for line in done.stderr.splitlines() if not line.startswith("values of")]
            assert (done.returncode, len(told)) == (2, 1), done.stderr
            assert words in told[0]
