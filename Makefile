# make run: serve on http://localhost:8008.   make test: everything that must hold.
# Both set the checkout up first, which takes minutes once.

ifndef PYTHON
fits = import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
  $$p -c "$(fits)" 2>/dev/null && echo $$p && break; done)
PYTHON := $(or $(PYTHON),$(shell command -v python3))
endif
VENV = .venv/bin/python

.PHONY: run test lint bench lock clean setup setup-test models install-bundle train-starter

# The first run also fetches weights for real interviews; OFFLINE=1 does without.
run: setup
	@$(VENV) -m scripts.setup.first_weights
	@exec $(VENV) -m service

# Fetches other weights, or changes the choice: make models ARGS="--language de --accept-licence"
models: setup
	@$(VENV) scripts/download_models.py $(if $(filter-out -%,$(firstword $(ARGS))),,--profile auto) $(ARGS)

test: setup-test lint
	@$(VENV) -m pytest -q -n 4 --dist loadfile

lint: setup-test
	@$(VENV) -m ruff check .
	@$(VENV) -m ruff format --check --quiet .
	@$(VENV) -m mypy --no-error-summary

bench: setup-test
	@$(VENV) scripts/bench.py

setup setup-test:
	@test -n "$(PYTHON)" || { echo "No python3 was found: sudo apt-get install python3" >&2; exit 1; }
	@$(PYTHON) -m scripts.setup.bootstrap $(if $(filter setup-test,$@),test,run)

# Trains models/starter from nothing, in hours (docs/starter.md). SHARE=0.01 tries it out.
train-starter:
	@test -n "$(PYTHON)" || { echo "No python3 was found: sudo apt-get install python3" >&2; exit 1; }
	@exec $(PYTHON) scripts/train_starter.py $(if $(SHARE),--share $(SHARE)) $(if $(JOBS),--jobs $(JOBS))

# On a machine without a network: BUNDLE is what scripts/download_models.py --bundle made.
install-bundle:
	@test -n "$(BUNDLE)" || { echo "Say which: make install-bundle BUNDLE=vivavoce-bundle.tar" >&2; exit 1; }
	@test -n "$(PYTHON)" || { echo "No python3 was found" >&2; exit 1; }
	@$(PYTHON) scripts/install_bundle.py "$(BUNDLE)"

# Rewrites the lock files from pyproject.toml; keeps locked versions that still fit.
UV = $(VENV) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock: setup
	@$(VENV) -m pip install --quiet --disable-pip-version-check uv
	$(UV) pyproject.toml -o requirements.lock
	$(UV) pyproject.toml --extra ray -c requirements.lock -o requirements-ray.lock
	$(UV) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	$(UV) pyproject.toml --group train -c requirements.lock -o requirements-train.lock
	$(UV) --group build -o requirements-build.lock

# The compiled llama.cpp stays in ~/.cache/vivavoce.
clean:
	rm -rf .venv .venv-train build .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
