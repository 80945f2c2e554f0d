# Everything a newcomer needs: `make demo` shows it, `make test` proves it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT := demo-output

.PHONY: demo test lint installed bundle bundle-test docs template samples rule picture mutants bench clean

demo: $(VENV)/.installed
	@$(BIN)/evalxl run samples/luquan-2023 $(OUT) --roster samples/名册.csv --report; code=$$?; test $$code -le 1 -o $$code -eq 3
	@echo "结果在 $(OUT)/ ：请打开 $(OUT)/汇总表.xlsx"

test: $(VENV)/.tools lint
	$(BIN)/python -m pytest -n auto --dist worksteal

lint: $(VENV)/.tools
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# Every command from the wheel, outside the tree, at the pinned and at the lowest versions; needs the package index.
installed: $(VENV)/.tools
	$(BIN)/python tests/installed.py
	$(BIN)/python tests/installed.py --lowest

# The folder for Windows that starts with a double click: dist/evalxl-VERSION-win64.zip; needs the package index and osslsigncode.
bundle: $(VENV)/.tools
	$(BIN)/python bundle/windows.py

# That folder under Wine: every command, and its files byte for byte as on Linux; says what is missing where it cannot.
bundle-test: bundle
	$(BIN)/python bundle/trial.py

# What is made from the code: template, samples, goldens, handbooks. The tests fail while any of it is out of date.
docs template samples: $(VENV)/.tools
	rm -f templates/budget_template.xlsx
	$(BIN)/evalxl template templates/budget_template.xlsx
	$(BIN)/python samples/build.py
	$(BIN)/python -m pytest -q tests/test_samples.py --accept
	$(BIN)/python docs/generate.py

# A rule just written: its cases and their words, then handbook and goldens; make rule ID=U99.
rule: $(VENV)/.tools
	$(BIN)/python -m pytest tests/test_rules.py -k $(ID) --accept
	$(BIN)/python docs/generate.py
	$(BIN)/python -m pytest tests/test_samples.py --accept

picture: demo
	$(BIN)/python docs/pictures.py

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[word]"
	@touch $@

$(VENV)/.tools: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	@touch $@

# How many small changes to rules and facts the tests notice; resumable: make mutants SAMPLE=60, MODULE=rules/u_units.py.
mutants: $(VENV)/.tools
	$(BIN)/python tests/mutation.py $(SAMPLE) $(MODULE)

# How fast it is, as ratios to what it is measured against; ten minutes. BENCH="--quick", "--full --write".
bench: $(VENV)/.tools
	$(BIN)/python bench/bench.py $(BENCH)

clean:
	rm -rf $(VENV) $(OUT) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
