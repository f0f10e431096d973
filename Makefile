# Aftershock's commands. Everything runs in .venv, which the first command makes.
#   make run      the dashboard on http://localhost:8501 (PORT=... to change)
#   make test     every check and every test
#   make check    linters and types only
#   make bench    benchmarks against the framework's floor
#   make calibration   the tests' true sizes on the real series
#   make scale        a million pairs of ten thousand tickers: time and memory
#   make fuzz         damaged and hostile input: CSV, calendars, web pages, dates
#   make hostile      hostile text in every field, judged in every file and page in Chromium
#   make snapshot      data/prices anew from Yahoo, with what changed; needs the internet
#   make faults        every fault of a live source against our own server
#   make kill          whoever stores something is killed: all of these
#   make kill-cache    ... whoever keeps prices, at every step
#   make kill-store    ... whoever saves events, and PostgreSQL itself
#   make kill-replica  ... one of two replicas under its readers, and floods
#   make audit         known vulnerabilities, secrets, licences
#   make lock          the lock files anew: the hash of every file that is installed
#   make newest        every test with the newest versions
#   make clean    takes away .venv and the caches
PYTHON ?= python3
PORT ?= 8501
PY := .venv/bin/python

.PHONY: run test check bench calibration scale snapshot fuzz hostile faults kill kill-cache kill-store kill-replica audit lock newest clean
.DEFAULT_GOAL := run

run: .venv/run
	@$(PY) -m aftershock serve --port $(PORT)

check: .venv/dev
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy

test: check .venv/chromium .venv/postgres .venv/nginx
	@$(PY) -m pytest -n auto

bench: .venv/dev .venv/chromium
	@$(PY) -m benchmarks.page

calibration: .venv/dev
	@$(PY) -m benchmarks.calibration

scale: .venv/dev
	@$(PY) -m benchmarks.scale

snapshot: .venv/run
	@$(PY) -m aftershock.prices.renew

faults: .venv/dev
	@$(PY) -m benchmarks.faults

kill: kill-cache kill-store kill-replica

kill-cache: .venv/dev
	@$(PY) -m benchmarks.kill_cache

kill-store: .venv/dev .venv/postgres
	@$(PY) -m benchmarks.kill_store

kill-replica: .venv/dev .venv/postgres .venv/nginx
	@$(PY) -m benchmarks.replicas

fuzz: .venv/dev
	@$(PY) -m benchmarks.fuzz

hostile: .venv/dev .venv/chromium
	@$(PY) -m benchmarks.hostile

audit: .venv/dev
	@$(PY) -m benchmarks.audit

LOCKING := -m uv pip compile --quiet --universal --python-version 3.11.5 --generate-hashes --no-header --no-annotate
lock: .venv/bin/python
	@$(PY) -m uv --version >/dev/null 2>&1 || $(PY) -m pip install --quiet --disable-pip-version-check uv
	@$(PY) $(LOCKING) requirements.txt --output-file requirements.lock
	@$(PY) $(LOCKING) requirements-dev.txt --output-file requirements-dev.lock

newest: .venv/dev .venv/chromium .venv/postgres
	@sh tests/newest.sh

clean:
	rm -rf .venv .venv-newest .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Aftershock needs Python 3.11 or newer, and '$(PYTHON)' is not; install one, or name it: make run PYTHON=/path/to/python3." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python's venv module is missing; on Debian and Ubuntu install it with: apt-get install python3-venv." >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --upgrade pip

# The stamps are newer than the lists that they were installed from.
.venv/run: requirements.lock | .venv/bin/python
	@echo "Installing what Aftershock runs on (about a minute, once) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock || { \
	  echo "The packages of requirements.lock could not be installed: is a package registry within reach?" >&2; exit 1; }
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.venv/dev: requirements-dev.lock .venv/run
	@echo "Installing what the tests need ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock || { \
	  echo "The packages of requirements-dev.lock could not be installed: is a package registry within reach?" >&2; exit 1; }
	@touch $@

# A browser for the browser tests: CHROMIUM=/path names one; without one, root gets Debian's.
.venv/chromium: .venv/dev
	@sh tests/chromium.sh
	@touch $@

# A PostgreSQL for the store's tests: POSTGRES_BIN=/folder names one; without one, root gets Debian's.
.venv/postgres: .venv/dev
	@sh tests/postgres.sh
	@touch $@

# An nginx for the tests of deploy/: NGINX=/path names one; without one, root gets Debian's.
.venv/nginx: .venv/dev
	@sh tests/nginx.sh
	@touch $@
