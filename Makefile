# `make` alone lists what there is.
PYTHON ?= python3
BIN := .venv/bin
SHARED := $(or $(Z2JH_SHARED),../shared)
WORKERS ?= 2
PARALLEL := -n $(WORKERS) --dist loadgroup
FIDELITY := $(SHARED)/tools/fidelity

.DEFAULT_GOAL := help
.PHONY: help run test test-fast venv lint prose schema reference fidelity bench-start bench-check bench-mutations images lock cluster-test release

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

venv: .venv/ready ## set up .venv: the project and its test tools

.venv/ready: pyproject.toml setup.py z2jh_hub/local/dev/proxy_package/package-lock.json
	@echo "Setting up .venv (a minute the first time) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, this is " + sys.version)'
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[test]'
	@$(BIN)/python -m z2jh_hub.local.dev.proxy
	@touch $@

run: venv ## a hub on this machine, from examples/config.yaml
	@$(BIN)/z2jh dev -f examples/config.yaml

test: venv ## run every test but those on a cluster, in two processes; WORKERS=4 for four
	$(BIN)/python -m pytest -m "not cluster" $(PARALLEL)

test-fast: venv ## run the tests that start no processes
	$(BIN)/python -m pytest -m "not processes and not slow" $(PARALLEL)

lint: venv ## style, types, and that imports point downward
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	tools/check-workflows
	@$(MAKE) --no-print-directory prose

prose: venv ## spelling and vocabulary
	$(BIN)/codespell
	$(BIN)/python tools/vocabulary.py

fidelity: venv ## compare chart and runtime with records of the public chart
	@for corpus in configs configs/corners; do \
	  records=$(FIDELITY)/records/$$(basename $$corpus); \
	  $(BIN)/python $(FIDELITY)/compare.py $(SHARED)/$$corpus --a-records $$records \
	    --b-chart chart --b-hub-config images/hub/jupyterhub_config.py --pods \
	    --b-objects tests/support/ensured-secrets.yaml \
	    --accept docs/decisions/differences.md || exit 1; \
	done

schema: venv ## make chart/values.schema.json of chart/values.schema.yaml
	$(BIN)/python -m z2jh_hub.chart.chart_schema

reference: venv ## make docs/reference/ of the schema
	$(BIN)/python -m z2jh_hub.inspect.reference

bench-start: venv ## CPU and memory of a hub's start, beside a plain JupyterHub
	$(BIN)/python benchmarks/start.py

bench-check: venv ## how long check takes on real files
	$(BIN)/python benchmarks/check.py

bench-mutations: venv ## how many single mistakes check tells, on the right line
	$(BIN)/python benchmarks/mutations.py

images: venv ## build hub and singleuser, try them, say what is in them
	$(BIN)/python images/build

lock: ## lock what the images install anew; LOCK=--upgrade for the newest releases
	images/lock $(LOCK)

cluster-test: venv ## install the chart with Helm on a real cluster, and use it
	tests/cluster/run

release: venv ## VERSION=0.2.0: change the version everywhere, date the changelog, commit, tag and push
	@[ -n "$(VERSION)" ] || { echo "usage: make release VERSION=0.2.0" >&2; exit 2; }
	$(BIN)/tbump $(if $(filter %-dev,$(VERSION)),--no-tag) $(VERSION)
