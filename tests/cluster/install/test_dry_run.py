"""A real API server takes what is shipped, and has nothing to warn of."""

import json

import pytest

from cluster.install.administrator import Administrator
from cluster.install.manifests import CHART, INSTALL, WAYS, parse, run_helm

DRY = ("apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-")
VALUES = {
    "image": {"digest": f"sha256:{'0' * 64}"},
    "imagePullSecrets": [{"name": "registry"}],
    "trainer": {"image": "images.example.org/trainer:1"},
    "secrets": {"namespaces": ["mnist-training"], "names": ["pachyderm"]},
    "standby": True,
    "signing": {"secretName": "mnist-operator-signing"},
    "settings": {"resyncSeconds": 30, "pollSeconds": 5.5, "stuckSeconds": 3600},
    "env": [{"name": "GRPC_VERBOSITY", "value": "info"}],
    "networkPolicy": {
        "enabled": True,
        "denyByDefault": True,
        "apiServer": {"ports": [6443], "cidrs": ["10.0.0.10/32"]},
    },
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"key": "infra", "operator": "Exists"}],
    "affinity": {"podAntiAffinity": {}},
    "priorityClassName": "high",
    "podLabels": {"team": "platform"},
    "podAnnotations": {"note": "a, b"},
}
"""What the defaults leave out, all at once."""
TRIED = "serverside-applied (server dry run)"


@pytest.fixture(name="prepared")
def _prepared(plane, account):
    """Where the namespaces are; no dry run could put anything into them before."""
    administrator = Administrator(plane)
    body = '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"mnist-training"}}'
    administrator.kubectl("apply", "--server-side", "-f", "-", given=body)
    return administrator


def _is_taken(administrator, manifests):
    answers = administrator.kubectl(*DRY, given=manifests).splitlines()

    assert len(parse(manifests)) == len(answers)
    assert all(answer.endswith(TRIED) for answer in answers)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.overlay)
def test_what_kustomize_makes_is_taken(prepared, way):
    _is_taken(prepared, way.kustomize())


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.overlay)
def test_what_helm_makes_is_taken(prepared, way):
    _is_taken(prepared, way.helm())


def test_the_one_file_is_taken(prepared):
    _is_taken(prepared, INSTALL.read_text())


def test_every_value_of_the_chart_makes_what_is_taken(prepared, tmp_path):
    values = tmp_path / "values.json"
    values.write_text(json.dumps(VALUES))
    where = ("--namespace=mnist-operator", "--kube-version=1.34.4")
    words = ("template", "mnist-operator", str(CHART), f"--values={values}")

    _is_taken(prepared, run_helm(*words, *where))
