# The front door: every command that this repository knows, and the environments they
# run in. `make help` lists them. Python 3.11, 3.12 or 3.13 with pip is all it needs;
# everything else is installed below .venv from hashed requirements, once.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VERSION := 0.1.0
REGISTRY ?= mnist-operator
PYTHONPATH := operator:trainer:deploy/local:tests
export PYTHONPATH
# uv must use the interpreter that was found here, and never fetch another.
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1

# Integration tests wait more than they work, so three suites go well on two cores. The
# make of macOS cannot keep their lines apart.
JOBS ?= 3
SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=line)

SEEDS ?= 2000
FIRST ?= 0
WALKS ?= 100

# A make that was started with -j shares its jobs with those that it starts.
PARALLEL = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS) $(SYNC))
HARM := crash hostile walks
RULES := contract crashes crd install

# What plays whole worlds, or reads every file, covers nothing that the others do not, and
# takes twice as long where each line is counted.
UNTRACED := $(addprefix tests/unit/test_,policy_accidents.py policy_properties.py \
	reconcile_totality.py repository.py)

# A target that waits for others when its turn comes is begun after all the rest. The
# longest are not to: `make test` has made all environments ready before.
NEEDS = $(if $(READY),,$(1))

# An option of a program, where the variable for it is set.
OPTION = $(if $($(2)),--$(1) $($(2)))

OPERATOR := .venv/operator/bin
TRAINER := .venv/trainer/bin
CONTRACT := .venv/contract/bin
SCHEMAS := .venv/schemas/bin
BROWSER := .venv/browser/bin
DOCS := .venv/docs/bin
UV := .venv/uv/bin/uv
COMPILE := $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate

# The interpreters to try, in order; `make PYTHON=/path/to/python` puts one first.
PYTHONS := $(PYTHON) python3 python3.13 python3.12 python3.11
FIND_PYTHON = for python in $(PYTHONS); do \
	if "$$python" -c 'import ensurepip, sys, venv; \
	sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; \
	then found=$$python; break; fi; done; \
	if [ -z "$$found" ]; then \
	echo "Found no Python 3.11, 3.12 or 3.13 with venv and pip (tried: $(PYTHONS))." >&2; \
	echo "Install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; fi

# $(call environment,NAME,REQUIREMENTS,UV OPTIONS): .venv/NAME holds exactly what the
# file says. The copy of the file inside is the stamp: same content, nothing to do.
define environment
	@if ! cmp -s requirements/$(2).txt .venv/$(1)/requirements.txt \
	|| ! .venv/$(1)/bin/python -c '' 2>/dev/null; then \
	set -e; $(FIND_PYTHON); $(MAKE) uv; \
	echo "Installing requirements/$(2).txt into .venv/$(1)"; \
	.venv/$(1)/bin/python -c '' 2>/dev/null \
	|| $(UV) venv --quiet --clear --python "$$("$$found" -c 'import sys; print(sys.executable)')" .venv/$(1); \
	$(UV) pip sync --quiet --require-hashes $(3) --python .venv/$(1)/bin/python requirements/$(2).txt; \
	cp requirements/$(2).txt .venv/$(1)/requirements.txt; fi
endef

##@ Daily work

.PHONY: help
help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "} \
	/^##@ / {printf "\n%s\n", substr($$0, 5)} \
	/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: env-operator env-trainer ## Push MNIST twice and see which data made which model (KEEP=1 leaves it running)
	@$(OPERATOR)/python -m demo $(if $(KEEP),--keep)

.PHONY: demo-stop
demo-stop: env-operator ## Stop what make demo KEEP=1 left running
	@$(OPERATOR)/python -m demo --stop

.PHONY: fmt
fmt: env-operator ## Format the code and sort its imports
	@$(OPERATOR)/ruff check --quiet --fix-only --select I,RUF022 .
	@$(OPERATOR)/ruff format .

.PHONY: check
check: $(call NEEDS,env-operator) ## Lint, format, types, layers, and the CRD and its reference against the models
	$(OPERATOR)/ruff check .
	$(OPERATOR)/ruff format --check .
	$(OPERATOR)/mypy
	$(OPERATOR)/lint-imports
	$(OPERATOR)/python -m mnist_operator.crd | diff crds/mnisttraining.yaml -
	$(OPERATOR)/python -m mnist_operator.reference < docs/resource.md | diff docs/resource.md -

.PHONY: test
test: env-operator env-trainer env-contract env-cluster env-schemas env-promtool env-browser env-docs ## Everything that must pass before a change goes in (JOBS=1: one after the other)
	@$(MAKE) $(PARALLEL) READY=1 test-cluster-runs test-harm test-following coverage test-trainer test-mnistctl test-others test-cluster-rules test-simulator check test-page test-contract test-docs test-schemas test-alerts

.PHONY: test-unit
test-unit: env-operator ## The core's tables and properties, and the rules of this repository
	$(OPERATOR)/pytest tests/unit

.PHONY: coverage
coverage: $(call NEEDS,env-operator) ## The unit tests, and every branch of the core covered
	$(OPERATOR)/coverage run -m pytest tests/unit $(addprefix --ignore ,$(UNTRACED))
	$(OPERATOR)/coverage report
	$(OPERATOR)/pytest $(UNTRACED)

.PHONY: test-integration
test-integration: env-operator env-trainer ## The operator against the local cluster, the trainer really training
	$(OPERATOR)/pytest tests/integration

.PHONY: test-following
test-following: $(call NEEDS,env-operator env-trainer) ## The half of them that follows branches
	$(OPERATOR)/pytest tests/integration/following

.PHONY: test-others
test-others: $(call NEEDS,env-operator env-trainer) ## The other half: bad input, Pachyderm, running
	$(OPERATOR)/pytest tests/integration $(addprefix --ignore tests/integration/,following mnistctl $(HARM))

.PHONY: test-harm
test-harm: $(call NEEDS,env-operator env-trainer) ## What is killed, cut off, hostile or changed at every moment, on the local cluster
	$(OPERATOR)/pytest tests/crashes $(addprefix tests/integration/,$(HARM)) --ignore tests/crashes/long

.PHONY: test-crashes
test-crashes: cluster-programs ## Operators, servers and networks that die, for a long time (COMMITS=500 SEED=1)
	@COMMITS=$(or $(COMMITS),500) SEED=$(SEED) $(OPERATOR)/pytest tests/crashes tests/cluster/crashes

.PHONY: test-mnistctl
test-mnistctl: $(call NEEDS,env-operator env-trainer) ## mnistctl against the local cluster, every example of its help too
	$(OPERATOR)/pytest tests/integration/mnistctl

.PHONY: test-simulator
test-simulator: $(call NEEDS,env-operator) ## 2,000 schedules of faults in simulated time, and the mistakes that they find
	$(OPERATOR)/pytest tests/simulation

.PHONY: test-simulation
test-simulation: env-operator ## More of them (SEEDS=20000 FIRST=0 JOBS=2); SEED=7 tells the story of one
	@$(OPERATOR)/python -m simulation $(if $(SEED),--seed $(SEED),--seeds $(SEEDS) --first $(FIRST) --jobs $(JOBS))

.PHONY: test-teeth
test-teeth: env-operator ## By which schedule each mistake is found (FIRST=0 JOBS=2; KEEP=1 writes down where)
	@$(OPERATOR)/python -m simulation.teeth --first $(FIRST) --jobs $(JOBS) $(if $(KEEP),--keep)

.PHONY: test-walks
test-walks: env-operator ## Edits of the spec at every moment of a run (WALKS=100 FIRST=0 JOBS=2); WALK=7 tells one
	@$(OPERATOR)/python -m simulation.walks $(if $(WALK),--walk $(WALK),--walks $(WALKS) --first $(FIRST) --jobs $(JOBS))

.PHONY: test-contract
test-contract: $(call NEEDS,env-operator env-contract) ## The local cluster (or PACHD_ADDRESS, KUBECONFIG) against what real servers did
	$(OPERATOR)/pytest tests/contract --ignore tests/contract/pfs
	$(CONTRACT)/pytest tests/contract/pfs

.PHONY: test-cluster
test-cluster: env-operator env-cluster ## The operator on a real kube-apiserver, etcd and TFJob controller, built on first use
	@$(MAKE) $(PARALLEL) test-cluster-runs test-cluster-rules

.PHONY: test-cluster-runs
test-cluster-runs: $(call NEEDS,env-operator env-cluster env-trainer) ## The half of them that runs TFJobs
	@$(OPERATOR)/python -m cluster.rig
	$(OPERATOR)/pytest tests/cluster $(addprefix --ignore tests/cluster/,$(RULES))

.PHONY: test-cluster-rules
test-cluster-rules: $(call NEEDS,env-operator env-cluster env-trainer) ## The other half: the resource, the installation, the contract
	@$(OPERATOR)/python -m cluster.rig
	$(OPERATOR)/pytest $(addprefix tests/cluster/,$(RULES))

.PHONY: cluster-programs
cluster-programs: env-operator env-cluster ## Build the programs of a real Kubernetes, once
	@$(OPERATOR)/python -m cluster.rig

.PHONY: test-trainer
test-trainer: $(call NEEDS,env-trainer) ## The trainer, in its own environment
	$(TRAINER)/pytest tests/trainer

.PHONY: test-schemas
test-schemas: $(call NEEDS,env-schemas) ## The record and its exports, against their published schemas
	$(SCHEMAS)/pytest tests/schemas

.PHONY: test-alerts
test-alerts: $(call NEEDS,env-operator env-promtool) ## Alerts and dashboard, by promtool and against the metrics that there are
	$(OPERATOR)/pytest tests/alerts

.PHONY: test-page
test-page: $(call NEEDS,env-operator env-browser) ## The page in Chromium: three sizes, light and dark, axe, keyboard, live
	$(BROWSER)/pytest tests/page

.PHONY: pictures
pictures: env-operator env-browser ## Pictures of the page in .local/pictures, made by its tests
	@PICTURES=.local/pictures $(BROWSER)/pytest --quiet tests/page/test_looks.py

.PHONY: docs
docs: env-docs ## The documentation as a site in .local/site, with pictures where there is a Chromium
	@test -d .local/pictures || ! command -v chromium >/dev/null || $(MAKE) pictures
	@NO_MKDOCS_2_WARNING=1 $(DOCS)/mkdocs build --quiet --strict --config-file docs/site/mkdocs.yml
	@echo "To read it: $(DOCS)/python -m http.server --directory .local/site"

.PHONY: test-docs
test-docs: $(call NEEDS,env-operator env-docs) ## The site of the documentation: built, whole, and all its own
	$(OPERATOR)/pytest tests/documents

.PHONY: test-cosign
test-cosign: env-operator env-cluster ## Signed records, checked by stock cosign, which is built on first use (minutes)
	$(OPERATOR)/pytest tests/signing

.PHONY: test-collector
test-collector: env-operator env-cluster ## Traces, taken by OpenTelemetry's own Collector, which is built on first use (minutes)
	$(OPERATOR)/pytest tests/collector

.PHONY: test-node
test-node: env-operator env-trainer env-cluster ## Images, a kubelet and true pods on this machine: root, Debian packages, 15 minutes
	@$(OPERATOR)/python -m node

.PHONY: bench
bench: env-operator ## Latency, memory, restart and lineage, beside their floors
	@$(OPERATOR)/python -m bench

.PHONY: bench-scale
bench-scale: env-operator ## One operator and thousands of MnistTrainings (TRAININGS=1000,5000 REPOS=500 RATE=50 SECONDS=30 BACKLOG=20000 PLOT=docs/scaling.svg)
	@$(OPERATOR)/python -m bench.scale $(call OPTION,trainings,TRAININGS) $(call OPTION,repos,REPOS) $(call OPTION,idle,IDLE) $(call OPTION,rate,RATE) $(call OPTION,seconds,SECONDS) $(call OPTION,backlog,BACKLOG) $(call OPTION,watch,WATCH) $(call OPTION,plot,PLOT) $(call OPTION,json,JSON)

.PHONY: soak
soak: env-operator ## The operator with faults all along, for MINUTES=60: what of it grows? (SEED=7 KEEP=folder)
	@$(OPERATOR)/python -m soak --minutes $(or $(MINUTES),60) $(if $(SEED),--seed $(SEED)) $(if $(KEEP),--keep $(KEEP))

.PHONY: bench-gate
bench-gate: env-operator ## How often the promotion gate errs, and what it finds, with models that are drawn
	@$(OPERATOR)/python -m bench.gate

.PHONY: bench-trainer
bench-trainer: env-trainer ## The recipes beside the classic one, on the MNIST of MNIST_NPZ (ROUNDS=5, ONLY=fast,classic)
	@$(TRAINER)/python -m bench.trainer $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(ONLY),--only $(ONLY))

##@ Generated files

.PHONY: crd
crd: env-operator ## Write crds/mnisttraining.yaml and the tables of docs/resource.md from the models
	@$(OPERATOR)/python -m mnist_operator.crd > crds/.mnisttraining.yaml
	@mv crds/.mnisttraining.yaml crds/mnisttraining.yaml
	@$(OPERATOR)/python -m mnist_operator.reference < docs/resource.md > docs/.resource.md
	@mv docs/.resource.md docs/resource.md

.PHONY: manifests
manifests: ## Write deploy/install.yaml and the chart's CRD, alerts and dashboard from deploy/kustomize, with kubectl
	@{ echo '# Generated by `make manifests` from deploy/kustomize/overlays/cluster-wide,'; \
	echo '# where every rule of RBAC has its reason. One operator for all namespaces:'; \
	echo '#   kubectl apply --server-side -f deploy/install.yaml'; \
	kubectl kustomize deploy/kustomize/overlays/cluster-wide; } > deploy/.install.yaml
	@mv deploy/.install.yaml deploy/install.yaml
	@kubectl kustomize deploy/kustomize/crds > deploy/.crd.yaml
	@mv deploy/.crd.yaml deploy/helm/mnist-operator/crds/mnisttraining.yaml
	@cp deploy/kustomize/components/alerts/rules.yaml deploy/helm/mnist-operator/files/alerts.yaml
	@cp deploy/kustomize/components/dashboard/mnist-operator.json deploy/helm/mnist-operator/files/dashboard.json

.PHONY: dashboard
dashboard: env-operator ## Write Grafana's dashboard from deploy/grafana
	@$(OPERATOR)/python deploy/grafana/dashboard.py > deploy/kustomize/components/dashboard/.new
	@mv deploy/kustomize/components/dashboard/.new deploy/kustomize/components/dashboard/mnist-operator.json

.PHONY: check-manifests
check-manifests: env-operator env-cluster env-checkov ## checkov and kube-score on the manifests, each exception with its reason
	@$(OPERATOR)/python -m manifest_checks

.PHONY: lock
lock: uv ## Write requirements/*.txt from pyproject.toml
	@$(COMPILE) --group bootstrap -o requirements/uv.txt
	@$(COMPILE) --extra operator -o requirements/operator.txt
	@$(COMPILE) --extra operator --group dev -o requirements/dev.txt
	@$(COMPILE) --extra trainer -o requirements/trainer.txt
	@$(COMPILE) --extra trainer-gpu -o requirements/trainer-gpu.txt
	@$(COMPILE) --extra trainer --group trainer-dev -o requirements/trainer-dev.txt
	@$(COMPILE) --group contract -o requirements/contract.txt
	@$(COMPILE) --group schemas -o requirements/schemas.txt
	@$(COMPILE) --group digits --no-deps -o requirements/digits.txt
	@$(COMPILE) --group cluster -o requirements/cluster.txt
	@$(COMPILE) --group go -o requirements/go.txt
	@$(COMPILE) --group checkov -o requirements/checkov.txt
	@$(COMPILE) --group browser -o requirements/browser.txt
	@$(COMPILE) --group docs -o requirements/docs.txt

# Where the sources are: without the name and password of whoever cloned them.
SOURCE_URL ?= $(shell git remote get-url origin 2>/dev/null | sed 's|//[^/@]*@|//|')

.PHONY: images
images: ## Build both images with buildah, podman or docker (BASE=…, ACCELERATOR=gpu)
	@set -e; for tool in $(BUILDER) buildah podman docker; do \
	if "$$tool" info >/dev/null 2>&1; then builder=$$tool; break; fi; done; \
	if [ -z "$$builder" ]; then \
	echo "Building images needs buildah, podman, or docker and its daemon." >&2; exit 1; fi; \
	revision=$$(git describe --always --abbrev=40 --dirty --exclude='*'); \
	for part in operator trainer; do \
	tag=$(VERSION); more="$(if $(BASE),--build-arg BASE=$(BASE))"; \
	if [ $$part = trainer ] && [ -n "$(ACCELERATOR)" ]; then \
	tag=$$tag-$(ACCELERATOR); more="$$more --build-arg ACCELERATOR=$(ACCELERATOR)"; fi; \
	"$$builder" build $(BUILD_OPTIONS) -f Dockerfile.$$part -t $(REGISTRY)/$$part:$$tag $$more \
	--build-arg REVISION="$$revision" --build-arg VERSION=$(VERSION) \
	--build-arg SOURCE_URL="$(SOURCE_URL)" .; done

##@ Environments

.PHONY: uv
uv: ## Install uv, which fills the environments
	@if ! cmp -s requirements/uv.txt .venv/uv/requirements.txt; then \
	set -e; $(FIND_PYTHON); "$$found" -m venv --clear .venv/uv; \
	.venv/uv/bin/pip install --quiet --disable-pip-version-check \
	--require-hashes -r requirements/uv.txt; \
	cp requirements/uv.txt .venv/uv/requirements.txt; fi

.PHONY: env-operator
env-operator: ## The operator, the local cluster and the development tools
	$(call environment,operator,dev)

.PHONY: env-trainer
env-trainer: ## The trainer: TensorFlow, apart because its protobuf is newer
	$(call environment,trainer,trainer-dev,--compile-bytecode)

.PHONY: env-contract
env-contract: ## boto3 and python-pachyderm, for the contract tests of PFS
	$(call environment,contract,contract)

.PHONY: env-schemas
env-schemas: ## in-toto, CycloneDX, Croissant and others, for the published schemas
	$(call environment,schemas,schemas)

.PHONY: env-cluster
env-cluster: ## etcd, and Go if there is none, for the tests on a real Kubernetes
	$(call environment,cluster,cluster)
	@command -v go >/dev/null || $(MAKE) env-go

.PHONY: env-go
env-go: ## Go, to build the programs of a real Kubernetes with
	$(call environment,go,go)

.PHONY: env-promtool
env-promtool: env-operator ## promtool, for the alerts: the machine's own, Debian's, or built with Go
	@$(OPERATOR)/python -m alerts.promtool

.PHONY: env-checkov
env-checkov: ## checkov, which looks for weak spots in manifests
	$(call environment,checkov,checkov)

.PHONY: env-browser
env-browser: ## Playwright and axe, and Debian's Chromium if there is none, for the tests of the page
	$(call environment,browser,browser)
	@command -v chromium >/dev/null || { \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	echo "Installing Debian's package chromium"; \
	apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	fi; } || true
	@command -v chromium >/dev/null || echo \
	"There is no chromium, so the page is not tested: apt-get install chromium" >&2

.PHONY: env-docs
env-docs: ## mkdocs and its theme, for the site
	$(call environment,docs,docs)

.PHONY: env-digits
env-digits: ## The digits of scikit-learn, for a demo that cannot reach MNIST
	$(call environment,digits,digits)

.PHONY: clean
clean: ## Remove the environments, caches and what the local cluster stored
	rm -rf .venv .local .coverage .mypy_cache .pytest_cache .ruff_cache \
	.hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
