# Two targets for people: `make demo` and `make test`. Both work in .venv/ at this folder, set up once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PHOTO ?= presets/_sample.jpg
PRESET ?= night-swirl
OUT ?= out/demo
SIZE ?= 384

.PHONY: environment demo test test-newest test-newest-chosen check translations nightly docs dist clean

environment: $(STAMP)

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e '.[dev]'
	touch $(STAMP)

# The user's own daemon is left alone: the demo has a home of its own inside the output folder.
demo: $(STAMP)
	@mkdir -p "$(OUT)"
	@$(BIN)/python benchmarks/demo.py --photo "$(PHOTO)" --preset "$(PRESET)" --out "$(OUT)" --size $(SIZE)

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python translations/catalogues.py --check

# After a text was added or changed: every catalogue is brought up to date, and what is to be translated is listed.
translations: $(STAMP)
	$(BIN)/python translations/catalogues.py

# Fast tests first; then those in a real cluster on this machine, in the real Chromium, which is installed where that is
# possible, and in the real editors, which are fetched once into the user's cache.
# A test that fails is tried again: a window or a thread may be late. All that were are named and counted; more than one
# in a hundred, of the fast ones one in two thousand, fail the run.
test: check
	$(BIN)/python -m pytest -q -m "not gimp and not krita and not chromium and not cluster" \
		--reruns 1 -p tests.reruns --tests-per-rerun 2000
	$(BIN)/python -m pytest -q -m "gimp or krita or chromium or cluster" --reruns 2 -p tests.reruns

# The same in the newest GIMP and Krita that Debian has (sid and experimental), in a folder of their own. Where they cannot
# be installed, as happens while a suite is in transition, the tests are skipped and say so.
test-newest: $(STAMP)
	NEURAL_STYLE_TEST_EDITORS=newest $(BIN)/python -m pytest -q -rs -m "gimp or krita" --reruns 2 -p tests.reruns

# A part of that for each CI run (.ci/run), at most twelve minutes on two idle cores: GIMP by keyboard and mouse, and of
# Krita what touches most of it. Where one fails, it has two tries more.
CHOSEN := test_window.py or test_stories.py or style_follows_the_brush or [painting- or [regions- or [styles- or [sources-
test-newest-chosen: $(STAMP)
	NEURAL_STYLE_TEST_EDITORS=newest $(BIN)/python -m pytest -q -x -rsR -m "gimp or krita" -k "$(CHOSEN)" --reruns 2 \
		tests/gimp tests/krita

# Generated requests, files and values in numbers, and other ones each time: finds what the quick examples do not.
nightly: $(STAMP)
	NEURAL_STYLE_NIGHTLY=1 $(BIN)/python -m pytest -q -m "not gimp and not krita and not chromium and not cluster" tests/api tests/presets tests/jobs tests/pictures tests/test_*.py

# The guide as a site, with every link checked.
docs: $(STAMP)
	$(BIN)/python -m mkdocs build --strict

# What a release is made of: the sources, the wheel that is built from them, both plug-ins as archives, a bill of materials,
# licences, and their sums.
dist: $(STAMP)
	rm -rf dist && mkdir dist
	$(BIN)/python -m build --outdir dist . > dist/build.log || { cat dist/build.log; false; }
	rm dist/build.log
	$(BIN)/python -m neural_style_server.editors.archives dist
	$(BIN)/python .ci/bill_of_materials.py dist
	cd dist && sha256sum *.whl *.tar.gz *.zip *.cdx.json LICENCES.md > SHA256SUMS && cat SHA256SUMS

clean:
	rm -rf $(VENV) out artefacts site dist
