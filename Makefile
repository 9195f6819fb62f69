# 幸福大家庭. `make run` starts everything, `make test` proves everything, `make help` lists the rest.
# DATA=dir and PORT=n choose another installation: all its state is in DATA, its ports are PORT and PORT+1.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run status stop logs reset backup restore test coverage lint format types bench bench-city chaos drill fuzz soak lock screenshots install install-dev chromium
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
ifdef DATA
export XINGFU_DATA := $(abspath $(DATA))
endif
ifdef PORT
export XINGFU_PORT := $(PORT)
endif
ifdef CONFIG
export XINGFU_CONFIG := $(abspath $(CONFIG))
endif
# Tests commit thousands of times, each with an fsync: on a memory disk that costs nothing. It must be there, have two
# gigabytes (a container's has 64 MB), and leave the browsers four.
QUICK_TMP := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 2000000 {room = 1} END {exit !room}' \
	&& test -w /dev/shm && awk '$$1 == "MemAvailable:" && $$2 > 6000000 {room = 1} END {exit !room}' /proc/meminfo \
	&& echo /dev/shm || echo $${TMPDIR:-/tmp})
SUPERVISOR := $(BIN)/python -m app.supervisor

help: ## list the commands
	@echo "幸福大家庭: make COMMAND [DATA=dir] [PORT=n] [CONFIG=config.toml]"
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

run: $(VENV)/.installed ## start the whole system here, or ONLY=web,delivery of it; Ctrl-C stops it
	@exec $(SUPERVISOR) run $(if $(ONLY),--only "$(ONLY)")

status: $(VENV)/.installed ## print the addresses of the running system as JSON (make -s status)
	@exec $(SUPERVISOR) status

stop: $(VENV)/.installed ## stop the running system
	@exec $(SUPERVISOR) stop

logs: $(VENV)/.installed ## follow the logs of all processes
	@exec $(SUPERVISOR) logs

reset: $(VENV)/.installed ## wipe all data after asking (YES=1 does not ask); backups stay
	@exec $(SUPERVISOR) reset $(if $(YES),--yes)

backup: $(VENV)/.installed ## write an encrypted backup ([FILE=path] [SECRETS=1])
	@exec $(SUPERVISOR) backup $(if $(FILE),--file "$(FILE)") $(if $(SECRETS),--secrets)

restore: $(VENV)/.installed ## restore a backup: FILE=path (FORCE=1 over existing data, which is kept beside it)
	@exec $(SUPERVISOR) restore $(if $(FILE),--file "$(FILE)") $(if $(FORCE),--force)

FOR_TESTS = CHROMIUM="$$($(BIN)/python -m tests.chromium)" TMPDIR="$(QUICK_TMP)" $(BIN)/python -m

test: lint types chromium ## run everything that the build proves
	@$(FOR_TESTS) tests.again $(ARGS)

coverage: $(VENV)/.installed-dev chromium ## which lines the tests reach (takes half as long again)
	@$(FOR_TESTS) pytest -n 2 --dist loadfile --cov --cov-report= --cov-fail-under=0 $(ARGS)
	@$(BIN)/python -m coverage report $(if $(COVERAGE),--fail-under=$(COVERAGE))

lint: $(VENV)/.installed-dev ## check style, imports between folders, and declared dependencies
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet || { echo "run: make format"; exit 1; }
	@$(BIN)/lint-imports --no-cache > $(VENV)/lint-imports.log 2>&1 || { cat $(VENV)/lint-imports.log; exit 1; }
	@$(BIN)/deptry . > $(VENV)/deptry.log 2>&1 || { cat $(VENV)/deptry.log; exit 1; }

format: $(VENV)/.installed-dev ## put the code into the house's form
	@$(BIN)/ruff check --fix --quiet || true
	@$(BIN)/ruff format --quiet

types: $(VENV)/.installed-dev ## check every type
	@$(BIN)/mypy

bench: $(VENV)/.installed-dev ## measure beside wechatpy + Flask's bare echo, interleaved
	@$(BIN)/python -m bench $(ARGS)

bench-city: $(VENV)/.installed-dev ## how cost grows with the town (SIZES=1000,10000,200000 DATABASE=sqlite or postgresql)
	@WRITE=1 SIZES="$(SIZES)" DATABASE="$(DATABASE)" TIMES="$(TIMES)" PATHS="$(PATHS)" $(BIN)/python -m bench.city

chaos: $(VENV)/.installed-dev ## the heavy proofs at full size: kills, races, faults; as root also broken networks (writes docs/quality/faults.md)
	@rm -f "$(QUICK_TMP)/accounts"
	@HEAVY=full CHAOS_ACCOUNTS="$(QUICK_TMP)/accounts" TMPDIR="$(QUICK_TMP)" $(BIN)/python -m pytest tests/chaos -m heavy $(ARGS); \
		ended=$$?; $(BIN)/python -m bench.quality "$(QUICK_TMP)/accounts"; exit $$ended

drill: $(VENV)/.installed-dev ## back up, kill, restore into an empty folder, compare (writes docs/quality/faults.md)
	@WRITE=1 $(BIN)/python -m bench.drill

STORIES = $(foreach told,appointments broadcasts conversation wishes,tests/$(told)/test_story.py) tests/ledger/test_sums.py
fuzz: $(VENV)/.installed-dev ## throw pushes, talks, forms and files at the house (MINUTES=10: an hour in all, twice at most; writes docs/quality/faults.md)
	@rm -f "$(QUICK_TMP)/fuzz-accounts"
	@HEAVY=full FUZZ_MINUTES=$(or $(MINUTES),10) FUZZ_ACCOUNTS="$(QUICK_TMP)/fuzz-accounts" TMPDIR="$(QUICK_TMP)" \
		$(BIN)/python -m pytest -s tests/fuzz tests/api/test_contract.py $(STORIES) $(ARGS); \
		ended=$$?; $(BIN)/python -m bench.fuzz "$(QUICK_TMP)/fuzz-accounts"; exit $$ended

soak: $(VENV)/.installed-dev ## many hours of neighbours talking (HOURS=8)
	@HEAVY=full $(BIN)/python -m bench.soak --hours $(or $(HOURS),8) $(ARGS)

screenshots: $(VENV)/.installed-dev chromium ## take the pictures of the README again
	@CHROMIUM="$$($(BIN)/python -m tests.chromium)" $(BIN)/python -m tests.screenshots

lock: ## renew the locked dependencies (needs uv; maintainers only)
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.txt
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --group dev -c requirements.txt -o requirements-dev.txt

install: $(VENV)/.installed
install-dev: $(VENV)/.installed-dev

chromium: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.chromium --install > /dev/null

$(VENV)/bin/python:
	@sh deploy/make-venv.sh $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	@echo "installing dependencies (once) …" >&2
	@sh deploy/pip-install.sh $(VENV) requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements.txt requirements-dev.txt | $(VENV)/.installed
	@echo "installing the tools for tests (once) …" >&2
	@sh deploy/pip-install.sh $(VENV) requirements.txt requirements-dev.txt
	@touch $@
