"""Secrets in the test's namespace, which the operator may read there."""

import pytest

from integration.following.conftest import Gate

_RIGHTS = "/apis/rbac.authorization.k8s.io/v1"


@pytest.fixture(name="bound")
def _bound(plane, account, namespace):
    """The role that the handbook has bound where trainings name a Secret."""
    role = {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "ClusterRole",
        "name": "mnist-operator-secrets",
    }
    subject = {
        "kind": "ServiceAccount",
        "name": "mnist-operator",
        "namespace": "mnist-operator",
    }
    binding = {
        "metadata": {"name": "mnist-operator-secrets"},
        "roleRef": role,
        "subjects": [subject],
    }
    path = f"{_RIGHTS}/namespaces/{namespace}/rolebindings"
    plane.call("POST", path, binding)


@pytest.fixture(name="gate")
def _gate(tmp_path):
    """Hold trainers whose data says ``wait_for=str(gate)``."""
    gate = Gate(tmp_path / "gate")
    yield gate
    gate.open()
