# Two commands do all: `make demo` runs the workbench on real models, `make test` passes the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PORT ?= 8501
SMALL_ASSETS := dcgan_faces efficientnet_lite0 hed_vgg16 face_expression
export WORKBENCH_STORE ?= $(CURDIR)/.workbench

.PHONY: demo serve test lint fix types bench gpu-check docs clean

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[umap,fast,samples,semantic,language,dev]'
	@touch $(STAMP)

demo: $(STAMP)  ## the app on 127.0.0.1 with the sample models and a first gallery of runs
	-@$(BIN)/workbench assets fetch --yes $(SMALL_ASSETS)
	$(BIN)/workbench demo --port $(PORT)

serve: $(STAMP)  ## the app on what the store holds
	$(BIN)/workbench serve --port $(PORT)

test: $(STAMP)  ## lint, types, import contracts, unit, reference, doctest, browser and crash tests
	@bash tests/chromium.sh
	-@$(BIN)/workbench assets fetch --yes $(SMALL_ASSETS)
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n 2 --dist loadfile tests
	$(BIN)/python -m pytest --doctest-modules --ignore-glob='**/migrations/*' registry workbench plugins sample_models

lint: $(STAMP)  ## ruff, mypy, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy registry workbench
	$(BIN)/lint-imports

fix: $(STAMP)  ## what ruff can mend by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP)  ## benchmarks, each against a named rival in the same run
	$(BIN)/python -m benchmarks

gpu-check:  ## what only a machine with a CUDA device can show; needs the dependencies installed there
	$(PYTHON) -m pytest -m gpu tests/gpu

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .hypothesis
