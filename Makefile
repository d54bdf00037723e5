# Vetclinic's commands. `make demo` opens a filled clinic, `make test` passes the tests; both set up all they need.
PYTHON ?= python3
VENV := .venv/bin
PORT ?= 8000
SIZE ?= small
.PHONY: setup demo test check bench drill lock clean

setup: .venv/.ready  ## the virtual environment from the lock file, PostgreSQL's programs, the translations
	@$(PYTHON) -m deploy.postgres.pair install
	@deploy/print-tools
	@$(VENV)/python -m deploy.messages compile

.venv/.ready: requirements.lock
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || deploy/install python3-venv
	@echo "Making .venv from requirements.lock …"
	@$(PYTHON) -m venv --clear .venv
	@$(VENV)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

demo: setup  ## a filled clinic in the browser
	@$(VENV)/python -m deploy.demo --port $(PORT) --size $(SIZE)

test: setup  ## the whole suite on a private primary and standby, with a real browser
	@deploy/test-tools
	@$(VENV)/python -m pytest $(ARGS)

check: setup  ## lint, formatting, types, templates; migrations, translations, documents and the other house rules
	@deploy/test-tools
	@echo "Lint" && $(VENV)/ruff check --quiet .
	@echo "Formatting" && $(VENV)/ruff format --quiet --check .
	@echo "Types" && DEBUG=1 $(VENV)/mypy --no-error-summary
	@echo "Templates" && $(VENV)/djlint templates --lint --quiet
	@echo "House rules" && $(VENV)/python -m pytest -q --no-header tests/house

bench: setup  ## time, SQL and ratio of each page: make bench SIZE=1m; SIZE=10m ALONE=yes: without a standby
	@$(VENV)/python -m deploy.bench --size $(SIZE) $(if $(ALONE),--alone)

drill: setup  ## provoke faults on real servers, one line each: make drill ARGS="branches pitr"
	@deploy/test-tools
	@$(VENV)/python -m deploy.drills $(ARGS)

lock:  ## resolve pyproject.toml anew into requirements.lock (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --no-emit-find-links --group dev pyproject.toml -o requirements.lock

clean:  ## remove all that the commands made
	rm -rf .venv .local .pytest_cache .ruff_cache .mypy_cache .hypothesis
