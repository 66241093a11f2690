# `make` alone lists the targets.
PYTHON ?= python3
BIN := .venv/bin
SHARED := $(or $(Z2JH_SHARED),../shared)
WORKERS ?= 2
PARALLEL := -n $(WORKERS) --dist loadgroup --durations=40 --durations-min=4
FIDELITY := $(SHARED)/tools/fidelity
SPHINX := $(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet --jobs 2

.DEFAULT_GOAL := help
.PHONY: help run test test-slow test-fast venv lint prose schema reference fidelity tested-with bench bench-quick bench-start bench-pages bench-check bench-mutations images lock cluster-test release docs docs-live docs-links screenshots

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

venv: .venv/ready ## create .venv with the project and its test tools

.venv/ready: pyproject.toml setup.py z2jh_hub/local/dev/proxy_package/package-lock.json
	@echo "Creating .venv; this takes a few minutes …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, this is " + sys.version)'
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[test]'
	@$(BIN)/python -m z2jh_hub.local.dev.proxy
	@touch $@

run: venv ## run a hub on this machine, from examples/config.yaml
	@$(BIN)/z2jh dev -f examples/config.yaml

test: venv ## run most tests, in two processes; WORKERS=4 for four
	$(BIN)/python -m pytest -m "not slow and not cluster" $(PARALLEL)

test-slow: venv ## run the others but those on a cluster: browsers, z2jh dev, restarts, every public file
	$(BIN)/python -m pytest -m "slow and not cluster" $(PARALLEL)

test-fast: venv ## run the tests that start no processes
	$(BIN)/python -m pytest -m "not processes and not slow" $(PARALLEL)

lint: venv ## check style, types, imports, dependencies, workflows and prose
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	tools/check-workflows
	@$(MAKE) --no-print-directory prose

prose: venv ## check spelling and vocabulary
	$(BIN)/codespell
	$(BIN)/python tools/vocabulary.py

fidelity: venv ## compare chart and hub configuration with those of the public chart
	@for corpus in configs configs/corners; do \
	  records=$(FIDELITY)/records/$$(basename $$corpus); \
	  $(BIN)/python $(FIDELITY)/compare.py $(SHARED)/$$corpus --a-records $$records \
	    --b-chart chart --b-hub-config images/hub/jupyterhub_config.py --pods \
	    --b-objects tests/support/ensured-secrets.yaml \
	    --accept docs/decisions/differences.md || exit 1; \
	done

schema: venv ## generate chart/values.schema.json and the templates' tables
	$(BIN)/python -m z2jh_hub.chart.chart_schema
	$(BIN)/python tools/chart_tables.py

reference: venv ## generate docs/reference/ and the page of failures from the schema and the code
	$(BIN)/python -m z2jh_hub.inspect.reference
	$(BIN)/python tools/reference_pages.py
	$(BIN)/python tools/cost_examples.py

tested-with: venv ## run the tests that docs/tested-with.md lists, and update it
	$(BIN)/python tools/tested_with.py --run

docs: .venv/docs ## build the documentation site in build/docs
	$(SPHINX) -b html docs build/docs
	@echo "The site is in build/docs/index.html"

docs-live: .venv/docs ## serve the documentation site, and rebuild it when a page changes
	$(BIN)/sphinx-autobuild --open-browser -b html docs build/docs-live

docs-links: .venv/docs ## check the external links of the documentation; lists them in build/links/output.txt
	$(SPHINX) -b linkcheck docs build/links

screenshots: venv ## take the pictures of the hub's pages in docs/images; needs Chromium
	$(BIN)/python tools/screenshots.py

.venv/docs: .venv/ready
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[docs]'
	@touch $@

bench: venv ## compare the load that a hub takes with that of plain JupyterHub; LOAD=--users=1000 for more
	$(BIN)/python -m benchmarks.load $(LOAD)

bench-quick: venv ## the same in two minutes: one round of 60 users
	$(BIN)/python -m benchmarks.load --quick

bench-start: venv ## measure CPU and memory of a starting hub, compared with plain JupyterHub
	$(BIN)/python benchmarks/start.py

bench-pages: venv ## compare the CPU of a view of each page with plain JupyterHub
	$(BIN)/python benchmarks/pages.py

bench-check: venv ## measure the duration of z2jh check on public values files
	$(BIN)/python benchmarks/check.py

bench-mutations: venv ## count the single mistakes that z2jh check reports on the right line
	$(BIN)/python benchmarks/mutations.py

images: venv ## build and test the hub and singleuser images, and list their contents
	$(BIN)/python images/build

lock: venv ## update the images' lock files; LOCK=--upgrade takes the newest releases
	PYTHON=$(BIN)/python images/lock $(LOCK)

cluster-test: venv ## install and test the chart on a real cluster
	tests/cluster/run

release: venv ## make a release: VERSION=0.2.0 is set everywhere, committed, tagged and pushed
	@[ -n "$(VERSION)" ] || { echo "usage: make release VERSION=0.2.0" >&2; exit 2; }
	$(BIN)/tbump $(if $(filter %-dev,$(VERSION)),--no-tag) $(VERSION)
