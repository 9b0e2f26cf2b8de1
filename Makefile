# Everything is made in this folder, nothing is installed elsewhere. `make` alone says what there is.

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$python && break; done)
# With progress, and none of the chatter; -P: as a file, without what lies beside it.
INSTALL = -P cli/installing.py
TEST ?= tests

.PHONY: help demo test lint types check docs bench judge build clean

help:
	@echo "make demo    start the copilot on this machine, with a sample cloud, and watch it work"
	@echo "make test    every test"
	@echo "make check   lint, types and tests"
	@echo "make docs    write the pages of docs/ that are made from the code"
	@echo "make bench   calls, tokens and seconds of a task, ours and other agents'; BENCH=task for one part, BENCH=--help"
	@echo "make judge   FOLDER=folder: what the rules would change in its Dockerfiles, and whether that does the same"
	@echo "make build   what AWS gets: lint template.yaml, build functions and layers for arm64"
	@echo "make clean   remove everything made here, the laptop's system included"

demo: .venv/for-demo
	@.venv/bin/devops-copilot demo

# Four at once on two cores: some wait for clocks, in the order of tests/workflow/order.py. What is drawn at random is the
# same each time.
test: .venv/for-tests
	.venv/bin/python -m pytest -n 4 --dist loadscope --no-loadscope-reorder --hypothesis-profile=ci $(TEST)

lint: .venv/for-tests
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types: .venv/for-tests
	.venv/bin/mypy

check: lint types test

docs: .venv/for-tests
	@PYTHONPATH=layers/copilot:.:tests/unit .venv/bin/python -m documenting

bench: .venv/for-tests .venv-bench/ready
	@PYTHONPATH=tests:tests/unit .venv/bin/python -m bench $(BENCH)

judge: .venv/for-tests
	@PYTHONPATH=layers/copilot:tests/unit .venv/bin/python -m judging_dockerfiles $(FOLDER) $(if $(LIST),--list $(LIST))

# --- environments, made once and again when what they are made from changes ---------------------

.venv/for-demo: layers/copilot/requirements.txt layers/charts/requirements.txt layers/lint/requirements.txt layers/signatures/requirements.txt cli/requirements.txt pyproject.toml
	@$(require-python)
	@echo "Setting up .venv with $(PYTHON)"
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@.venv/bin/python $(INSTALL) -r layers/copilot/requirements.txt -r layers/charts/requirements.txt \
		-r layers/lint/requirements.txt -r layers/signatures/requirements.txt -r cli/requirements.txt
	@.venv/bin/python $(INSTALL) --no-deps --editable .
	@touch $@

.venv/for-tests: .venv/for-demo tests/requirements.txt
	@echo "Adding what the tests need"
	@.venv/bin/python $(INSTALL) -r tests/requirements.txt
	@touch $@

# What cannot be installed here is left out, and the bench says so.
.venv-bench/ready: tests/bench/requirements.txt
	@$(require-python)
	@echo "Setting up .venv-bench with $(PYTHON)"
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@if .venv-bench/bin/python $(INSTALL) -r tests/bench/requirements.txt; then touch $@; \
		else echo "Other agents could not all be installed; what is missing is not measured" >&2; fi

.venv-build/ready: tests/build-requirements.txt
	@$(require-python)
	@echo "Setting up .venv-build with $(PYTHON)"
	@test -x .venv-build/bin/python || $(PYTHON) -m venv .venv-build
	@.venv-build/bin/python $(INSTALL) -r tests/build-requirements.txt
	@touch $@

define require-python
test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed and none was found; install one, or name it: make PYTHON=/path/to/python3.13 ..." >&2; exit 1; }; \
$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "$(PYTHON) is not Python 3.11, 3.12 or 3.13" >&2; exit 1; }; \
$(PYTHON) -c 'import ensurepip, venv' || { echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu install python3-venv" >&2; exit 1; }
endef

# --- what AWS gets -------------------------------------------------------------------------------

# sam runs pip of the functions' own Python; a region is asked for although nothing is sent anywhere.
build: .venv-build/ready
	@python3.13 -c '' || { echo "sam builds for the functions' runtime and needs python3.13 on the PATH; nothing was built" >&2; exit 1; }
	AWS_DEFAULT_REGION=eu-west-1 SAM_CLI_TELEMETRY=0 .venv-build/bin/sam validate --lint --template template.yaml
	SAM_CLI_TELEMETRY=0 .venv-build/bin/sam build --template template.yaml

# `down` says that all is kept, which is not so here.
clean:
	@if [ -x .venv/bin/devops-copilot ] && [ -d .devops-copilot ]; then .venv/bin/devops-copilot down > /dev/null; fi
	@rm -rf .venv .venv-build .venv-bench .aws-sam .devops-copilot .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Removed: environments, builds and caches, the laptop's system and all it held"
