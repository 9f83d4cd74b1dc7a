"""Who runs, or at least reads, each documented command: the one list of it.

A block of commands is either run by a test, which RUN names, or each command in it is
given to what would take it: CHECKED says to which test, by program. What is not on
every machine, such as kind or pachctl, is held against FORMS. A block that is neither
fails `test_documented_commands.py`.
"""

from documents.blocks import Block, commands, read_blocks, simple

__all__ = [
    "CHECKED",
    "FORMS",
    "PLAIN",
    "RUN",
    "blocks_of",
    "form_of",
    "run_by",
    "to_be_read",
]

_BY_HAND = (
    "integration/running/test_by_hand.py::"
    "test_a_model_comes_of_a_cluster_and_an_operator_started_by_hand"
)
_COMPLETION = "integration/mnistctl/test_completion.py"
_FIRST_HOUR = "cluster/install/test_first_hour.py::test_it_goes_as_the_page_says"
_GIVEN = (
    "cluster/pages/test_given_servers.py::"
    "test_the_demo_goes_to_a_rig_and_a_pachd_that_are_named"
)
_INSTALL = "cluster/install/test_documented_commands.py"
_KUBEFLOW_WAY = (
    "cluster/pages/test_kubeflow_way.py::test_the_first_model_comes_as_the_page_says"
)
_KUBECTL = "cluster/pages/test_kubectl.py::test_each_block_does_what_its_page_says"
_LOCAL_WAY = (
    "cluster/pages/test_local_way.py::test_the_first_model_comes_as_the_page_says"
)
_MNISTCTL = "integration/mnistctl/test_documented_commands.py"
_ASKED = f"{_MNISTCTL}::test_every_command_does_what_its_page_promises"
_HELD = f"{_MNISTCTL}::test_what_is_held_is_released_or_discarded_as_the_pages_say"
_QUEUE = f"{_MNISTCTL}::test_the_queue_is_held_and_goes_on_with_the_words_of_the_page"
_TRAINER = "trainer/test_documented_commands.py"
_UNINSTALL = "cluster/install/test_uninstall.py"
_HELM = f"{_UNINSTALL}::test_what_helm_installed_goes_but_for_the_definition"
_UNIT = "unit/test_documented_commands.py"

RUN: dict[str, str] = {
    "deploy/helm/mnist-operator/README.md: kubectl apply": _HELM,
    "README.md: export KUBECONFIG": _GIVEN,
    "README.md: kubectl apply": (
        f"{_UNINSTALL}::test_with_the_operator_gone_the_finalizer_is_taken_by_hand"
    ),
    "README.md: make demo KEEP=1": _LOCAL_WAY,
    "README.md: mnistctl verify": _LOCAL_WAY,
    "docs/dashboard.md: mnistctl": _ASKED,
    "docs/dashboard.md: helm upgrade": _HELM,
    "docs/dashboard.md: kubectl create configmap": _HELM,
    "docs/dashboard.md: kubectl create rolebinding": _KUBEFLOW_WAY,
    "docs/data-gate.md: kubectl annotate": _KUBECTL,
    "docs/data-gate.md: mnistctl": _HELD,
    "docs/development.md: .venv/operator": _BY_HAND,
    "docs/development.md: PACHD_ADDRESS": _BY_HAND,
    "docs/development.md: PYTHONPATH": _GIVEN,
    "docs/getting-started.md: alias mnistctl": _LOCAL_WAY,
    "docs/getting-started.md: export KUBECONFIG": _LOCAL_WAY,
    "docs/getting-started.md: export PACHD_ADDRESS": _KUBEFLOW_WAY,
    "docs/getting-started.md: kubectl --namespace team-a": _KUBEFLOW_WAY,
    "docs/getting-started.md: kubectl apply --server-side -f": _KUBEFLOW_WAY,
    "docs/getting-started.md: kubectl apply -f deploy/kustomize": _KUBEFLOW_WAY,
    "docs/getting-started.md: kubectl create rolebinding": _KUBEFLOW_WAY,
    "docs/getting-started.md: kubectl get crd": _KUBEFLOW_WAY,
    "docs/getting-started.md: make demo": _LOCAL_WAY,
    "docs/getting-started.md: mnistctl retrain": _LOCAL_WAY,
    "docs/getting-started.md: pachctl create repo inputrepo$": _KUBEFLOW_WAY,
    "docs/installation.md: helm template": (
        f"{_INSTALL}::test_helm_refuses_what_the_page_says_with_its_words"
    ),
    "docs/installation.md: kubectl apply --server-side -k deploy/kustomize/crds": (
        f"{_UNINSTALL}::test_what_one_namespace_has_comes_and_goes_alone"
    ),
    "docs/installation.md: kubectl apply --server-side -k deploy/kustomize/over": (
        _FIRST_HOUR
    ),
    "docs/installation.md: kubectl --namespace team-a": _FIRST_HOUR,
    "docs/installation.md: kubectl apply -f deploy/kustomize/base": _HELM,
    "docs/installation.md: kubectl create namespace team-a": _KUBEFLOW_WAY,
    "docs/installation.md: kubectl delete -k": _HELM,
    "docs/installation.md: kubectl delete mt": _FIRST_HOUR,
    "docs/installation.md: kubectl get mt --all-namespaces": (
        f"{_UNINSTALL}::test_with_the_operator_gone_the_finalizer_is_taken_by_hand"
    ),
    "docs/installation.md: kubectl label": _KUBEFLOW_WAY,
    "docs/lineage.md: ": _LOCAL_WAY,
    "docs/mnistctl/completion.md: kubectl __complete": (
        f"{_COMPLETION}::test_kubectl_completes_its_plugin"
    ),
    "docs/mnistctl/completion.md: source": (
        f"{_COMPLETION}::test_bash_completes_commands_options_and_choices"
    ),
    "docs/mnistctl/diff.md: ": _ASKED,
    "docs/mnistctl/explain.md: ": _ASKED,
    "docs/mnistctl/export.md: ": _ASKED,
    "docs/mnistctl/get.md: ": _ASKED,
    "docs/mnistctl/history.md: ": _ASKED,
    "docs/mnistctl/ledger.md: ": _ASKED,
    "docs/mnistctl/lineage.md: ": _ASKED,
    "docs/mnistctl/logs.md: ": _ASKED,
    "docs/mnistctl/plan.md: ": _ASKED,
    "docs/mnistctl/promote.md: ": _ASKED,
    "docs/mnistctl/release.md: ": _HELD,
    "docs/mnistctl/reproduce.md: ": _ASKED,
    "docs/mnistctl/retrain.md: ": _ASKED,
    "docs/mnistctl/runs.md: ": _ASKED,
    "docs/mnistctl/suspend.md: ": _QUEUE,
    "docs/mnistctl/verify.md: ": _ASKED,
    "docs/mnistctl/watch.md: mnistctl watch team/mnist --until": _ASKED,
    "docs/mnistctl/watch.md: mnistctl watch team/mnist$": _ASKED,
    "docs/openlineage.md: kubectl": _KUBEFLOW_WAY,
    "docs/openlineage.md: mnistctl": _LOCAL_WAY,
    "docs/operations.md: kubectl annotate": _KUBECTL,
    "docs/operations.md: kubectl create rolebinding": _KUBEFLOW_WAY,
    "docs/operations.md: kubectl patch": _KUBECTL,
    "docs/operations.md: pachctl auth": _KUBEFLOW_WAY,
    "docs/outputs.md: pachctl get file outputrepo@master:/report": _LOCAL_WAY,
    "docs/resource.md: kubectl": _KUBECTL,
    "docs/resource.md: mnistctl": _ASKED,
    "docs/resource.md: pachctl": _LOCAL_WAY,
    "docs/runbooks.md: kubectl describe": _KUBECTL,
    "docs/scaling.md: kubectl": _KUBEFLOW_WAY,
    "docs/security.md: kubectl auth can-i": (
        f"{_INSTALL}::test_the_operator_may_what_the_page_says"
    ),
    "docs/security.md: kubectl create secret": _KUBEFLOW_WAY,
    "docs/security.md: kubectl kustomize": _KUBEFLOW_WAY,
    "docs/security.md: kubectl label": _KUBEFLOW_WAY,
    "docs/security.md: pachctl auth": _KUBEFLOW_WAY,
    "docs/signing.md: cd model": (
        "signing/test_cosign.py::"
        "test_cosign_says_that_every_file_is_the_one_that_was_signed_for"
    ),
    "docs/signing.md: mnistctl": _ASKED,
    "docs/signing.md: openssl genpkey": (
        f"{_UNIT}::test_the_documented_pair_of_keys_signs"
    ),
    "docs/simulation.md: make test-simulation SEED=7": (
        "simulation/test_documented_commands.py::test_one_seed_is_told_as_a_story"
    ),
    "docs/traces.md: kubectl": _KUBEFLOW_WAY,
    "docs/trainer.md: S3_ENDPOINT": (
        f"{_TRAINER}::test_buckets_are_looked_at_as_the_page_says"
    ),
    "docs/trainer.md: python -m": (
        f"{_TRAINER}::test_a_model_is_trained_and_measured_as_the_page_says"
    ),
}
"""Blocks, by page and how they begin, and the test that runs what is in them.

A `$` is the end of a block's first line.
"""

CHECKED: dict[str, str] = {
    "jq": f"{_UNIT}::test_jq_finds_something",
    "kubectl": f"{_INSTALL}::test_kubectl_takes_it",
    "make": f"{_UNIT}::test_make_has_target_and_variables",
    "mnistctl": f"{_UNIT}::test_mnistctl_takes_it",
    "python": "trainer/test_documented_commands.py::test_the_trainer_takes_it",
}
"""By program, the test to which all commands with it are given."""

PLAIN = {"(", "do", "done", "export", "while"}
"""Words of the shell, and what every machine has."""

FORMS: dict[str, str] = {
    "apt-get install": "",
    "buildah commit": "--rm",
    "curl": "--json -d",
    "debootstrap": "--variant --include",
    "docker run": "--rm -p -v -e",
    "helm install pachyderm pachyderm/pachyderm": "--namespace --set",
    "helm repo add": "",
    "kind create cluster": "--name",
    "kind delete cluster": "--name",
    "kind load docker-image": "--name",
    "pachctl create repo": "",
    "pachctl get file": "-r -o",
    "pachctl put file": "-f",
}
"""Commands of programs that are not here, each with the options that it may have.

Taken from the manuals: pachctl 2, kind 0.x, buildah, debootstrap, docker, curl 7.82.
"""


def run_by(block: Block) -> str:
    """The line of RUN that is about this block, if there is one."""
    beginning = f"{block.beginning}$"
    return next((key for key in RUN if beginning.startswith(key)), "")


def blocks_of(test: str) -> list[Block]:
    """The blocks that this test runs, as they stand on their pages."""
    return [
        block
        for block in read_blocks("sh", "console")
        if RUN.get(run_by(block)) == test
    ]


def form_of(words: list[str]) -> str | None:
    """The form that a command of a foreign program has, if it is a known one."""
    for form, options in FORMS.items():
        head = form.split()
        given = {
            word.partition("=")[0] for word in words[len(head) :] if word[0] == "-"
        }
        given.discard("-")
        if words[: len(head)] == head and given <= set(options.split()):
            return form
    return None


def to_be_read(program: str) -> dict[str, list[str]]:
    """The commands with this program in blocks that no test runs, by where they are."""
    return {
        f"{block.name} {' '.join(words)}": words
        for block in read_blocks("sh", "console")
        if not run_by(block)
        for line in commands(block)
        for words in simple(line)
        if words[0] == program and not form_of(words)
    }
