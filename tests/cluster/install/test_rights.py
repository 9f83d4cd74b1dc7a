"""What the operator may do where, after each way to install."""

import pytest

from cluster.install.administrator import Administrator
from cluster.install.manifests import WAYS
from cluster.rig.control_plane import ControlPlane

OPERATOR = "mnist-operator:mnist-operator"
CLUSTER_WIDE, NAMESPACED, HIGH_SECURITY = WAYS
OURS, TFJOBS = "mnisttrainings.mnist-operator.dev", "tfjobs.kubeflow.org"
DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io"
LEASES = "leases.coordination.k8s.io"
NAMESPACE = (
    '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"mnist-operator"}}'
)


ROOM = {
    CLUSTER_WIDE: "anywhere",
    NAMESPACED: "mnist-operator",
    HIGH_SECURITY: "mnist-training",
}
"""Where trainings are, after each way to install."""


@pytest.fixture(name="way", scope="module", params=WAYS, ids=lambda way: way.overlay)
def _way(request):
    return request.param


@pytest.fixture(name="installed", scope="module")
def _installed(plane, way, tmp_path_factory):
    """A control plane where this was installed; `plane` says when none can be had."""
    with ControlPlane(tmp_path_factory.mktemp("rights")) as bare:
        administrator = Administrator(bare)
        for manifests in (NAMESPACE, way.kustomize()):
            administrator.kubectl("apply", "--server-side", "-f", "-", given=manifests)
        yield administrator


def test_the_operator_works_where_it_should(installed, way):
    assert installed.may(OPERATOR, "create", TFJOBS, ROOM[way])
    assert installed.may(OPERATOR, "patch", OURS, ROOM[way])
    assert not installed.may(OPERATOR, "delete", OURS, ROOM[way])
    assert not installed.may(OPERATOR, "create", "pods", ROOM[way])


def test_it_works_elsewhere_only_where_it_was_installed_for_all(installed, way):
    for_all = way is CLUSTER_WIDE

    assert for_all is installed.may(OPERATOR, "create", TFJOBS, "elsewhere")
    assert for_all is installed.may(OPERATOR, "list", OURS, "elsewhere")
    assert for_all is installed.may(OPERATOR, "list", DEFINITIONS)
    assert for_all is installed.may(OPERATOR, "list", "namespaces")


def test_secrets_are_read_where_that_was_said(installed, way):
    room = ROOM[way]

    assert [way is not CLUSTER_WIDE, way is NAMESPACED, False] == [
        installed.may(OPERATOR, "get", "secrets/pachyderm", room),
        installed.may(OPERATOR, "get", "secrets/other", room),
        installed.may(OPERATOR, "list", "secrets", room),
    ]


def test_only_a_standby_may_use_a_lease_and_only_its_own(installed, way):
    stands_by = way is HIGH_SECURITY
    ours, other = f"{LEASES}/mnist-operator", f"{LEASES}/other"

    assert stands_by is installed.may(OPERATOR, "create", LEASES, "mnist-operator")
    assert stands_by is installed.may(OPERATOR, "update", ours, "mnist-operator")
    assert not installed.may(OPERATOR, "update", other, "mnist-operator")
    assert not installed.may(OPERATOR, "create", LEASES, "mnist-training")
