# make app     opens the app            make test    runs all tests, browser ones included
# Needs Python 3.11, 3.12 or 3.13 (those that TensorFlow comes for). Another one: make app PYTHON=/path/to/python

PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,$(shell \
	$(p) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $(p))))
# Passed on to Streamlit, for example: make app ARGS="--server.port 9000"
ARGS ?=
IN_VENV := .venv/bin/python -m

.PHONY: app test check clean

# Open the app, on this machine only. The variables bound what the C library keeps after large photos (386 MB after
# ten, 157 before) and have it keep what video needs: trimming from 128 kB on cost a fifth of the live answers.
app: .venv/app.installed
	MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=4194304 MALLOC_TRIM_THRESHOLD_=33554432 $(IN_VENV) streamlit run app.py $(ARGS)

# Run all tests. One test: make test ARGS=tests/core/test_crops.py
test: .venv/dev.installed
	$(IN_VENV) pytest $(ARGS)

# Look for mistakes without running anything.
check: .venv/dev.installed
	$(IN_VENV) ruff check .
	$(IN_VENV) ruff format --check .
	$(IN_VENV) mypy

# Remove what the targets above made.
clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache tests/e2e/artifacts
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An empty stamp file says that its requirements are installed, so the second time is quick.
.venv/app.installed: requirements.txt | .venv/bin/python
	@echo "Installing what Maskwise needs. The first time takes some minutes and 3 GB of disk."
	$(IN_VENV) pip install --quiet --requirement requirements.txt
	touch $@

.venv/dev.installed: requirements.txt requirements-train.txt requirements-dev.txt | .venv/bin/python
	@echo "Installing what the tests need. The first time takes some minutes and 3 GB of disk."
	$(IN_VENV) pip install --quiet --requirement requirements-dev.txt
	touch $@ .venv/app.installed

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Maskwise needs Python 3.11, 3.12 or 3.13. Install one, or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "$(PYTHON) is not Python 3.11, 3.12 or 3.13." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments. Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	"$(PYTHON)" -m venv .venv
