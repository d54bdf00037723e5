# Vetclinic's commands. `make demo` opens a filled clinic, `make test` passes the tests; both set up all they need.
PYTHON ?= python3
VENV := .venv/bin
.PHONY: setup test check clean lock

setup: .venv/.ready  ## the virtual environment from the lock file, and PostgreSQL's programs
	@$(PYTHON) -m deploy.postgres.pair install

.venv/.ready: requirements.lock
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || deploy/install python3-venv
	@echo "Making .venv from requirements.lock …"
	@$(PYTHON) -m venv --clear .venv
	@$(VENV)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

test: setup  ## the whole suite on a private primary and standby
	@$(VENV)/python -m pytest $(ARGS)

check: .venv/.ready  ## lint and formatting
	@$(VENV)/ruff check .

lock:  ## resolve pyproject.toml anew into requirements.lock (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --no-emit-find-links --group dev pyproject.toml -o requirements.lock

clean:  ## remove all that the commands made
	rm -rf .venv .local .pytest_cache .ruff_cache .mypy_cache .hypothesis
