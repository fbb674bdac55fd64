# Everything lives in .venv with the versions of constraints.txt; nothing global is touched.
# Each package's file is compared with its hash in hashes.txt before it is unpacked.
# `make report` and `make test` set it up first; it is set up again only when pyproject.toml or those two files change.

VENV := .venv
READY := $(VENV)/ready
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation

# Small matrix products only lose time on several threads.
export OPENBLAS_NUM_THREADS := 1

.PHONY: report study test quick check exam clean exam-recover exam-speed hashes licences audit api
.DELETE_ON_ERROR:

report: $(READY)
	$(BIN)/iskdyn report

# Everything under calibration/results anew, then the report: about an hour and a half on two free cores.
study: $(READY)
	$(BIN)/iskdyn fit
	$(BIN)/iskdyn posterior
	$(BIN)/iskdyn variants --again
	$(BIN)/iskdyn profile
	$(BIN)/iskdyn score
	$(BIN)/iskdyn cuts
	$(BIN)/iskdyn nulls
	$(BIN)/iskdyn rules
	$(BIN)/iskdyn report

test: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict src
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "slow or not slow"

# Every test that is not marked slow.
quick: $(READY)
	$(BIN)/python -m pytest

check: $(READY)
	$(BIN)/iskdyn check

# Long, and not part of the tests: each writes its own table.
EXAMS := damaged_models damaged_studies random_meanings structural_faults unit_slips planted_claims known_targets agreement failing_disk
KILLED := fit posterior variants score profile cuts nulls weights rules freeze assimilate claims ensemble init doc brief page report

exam: $(EXAMS:%=exam-%) $(KILLED:%=exam-kills-%) exam-recover exam-speed

# One at a time: `make exam-agreement`, `make exam-kills-fit`.
$(EXAMS:%=exam-%): exam-%: $(READY)
	$(BIN)/python tests/exam/$*.py

$(KILLED:%=exam-kills-%): exam-kills-%: $(READY)
	$(BIN)/python tests/exam/kills.py 50 $*

exam-recover: $(READY)
	$(BIN)/iskdyn recover

exam-speed: $(READY)
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/page.py

# After a change of constraints.txt; needs uv, which asks for the hashes of all platforms at once.
hashes:
	@command -v uv >/dev/null || { echo "uv is missing: install it, then ask again" >&2; exit 2; }
	sed '/^# Only for the extra/,$$d' constraints.txt | uv pip compile - --no-deps --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-annotate --quiet --output-file hashes.part
	{ echo '# Written by `make hashes`: SHA-256 of every file, for every platform, of the first part of constraints.txt.'; \
	  cat hashes.part; } > hashes.txt
	rm hashes.part

# docs/licences.md and docs/iskdyn.cdx.json, after a change of constraints.txt or pyproject.toml.
# Needs Python 3.13, for which every package of constraints.txt can be installed (PyYAML-ft is for no earlier one).
licences: $(READY)
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check mutmut arviz pdoc
	$(BIN)/python tests/exam/licences.py

# The reference of all public names from their docstrings: reports/out/api/index.html.
api: $(READY)
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check pdoc
	$(BIN)/python docs/api.py reports/out/api

# Known vulnerabilities, with a list that you bring: `make audit LIST=FOLDER`. Asks no network.
audit: $(READY)
	$(BIN)/python tests/exam/audit.py $(LIST)

clean:
	rm -rf $(VENV) reports/out dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis

# The stamp is written last: a set-up that was interrupted leaves none, and starts again from an empty folder.
$(READY): pyproject.toml constraints.txt hashes.txt
	@rm -f $@
	@python=; for candidate in python3 python3.13 python3.12 python3.11; do \
	  if $$candidate -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then \
	    python=$$candidate; $$candidate -c 'import ensurepip, venv' 2>/dev/null && break; \
	  fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11, 3.12 or 3.13 is missing: install one, for example 'apt install python3 python3-venv'" >&2; exit 2; \
	fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	  name=$$($$python -c 'import sys; print("python%d.%d" % sys.version_info[:2])'); \
	  echo "The venv package of $$name is missing: 'apt install $$name-venv'" >&2; exit 2; \
	fi; \
	echo "Setting up $(VENV) with $$($$python --version)"; \
	$$python -m venv --clear $(VENV)
	@# First what builds the one package that has no wheel (odfpy), so that nothing is fetched without a hash.
	awk '/^setuptools==/,!/\\$$/' hashes.txt > $(VENV)/setuptools.txt
	$(PIP) --require-hashes -r $(VENV)/setuptools.txt
	$(PIP) --require-hashes -r hashes.txt
	$(PIP) --editable .
	$(BIN)/python -m pip --disable-pip-version-check check
	@touch $@
