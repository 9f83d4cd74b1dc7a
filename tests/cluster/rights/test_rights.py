"""The operator as its own ServiceAccount: all that it is granted, it uses; no more.

The rights are read from the manifests, what is used from the API server's audit log.
"""

import uuid
from functools import partial

import pytest

from cluster.rights.audit import Audit, Right
from cluster.rights.logs import readable_logs
from cluster.rights.whole_life import live
from cluster.worlds import RealWorld
from integration.running.processes import Operator
from integration.world import until
from mnist_operator.resource import GROUP, PLURAL, VERSION

TOKEN = "the-right-token"
READ_LOGS = Right("", "pods/log", "get")
SEE_NAMESPACES = {Right("", "namespaces", verb) for verb in ("list", "watch")}
"""Used where some namespaces are named, and by an operator for all of them not."""
NAMESPACES = "/api/v1/namespaces"
TRAININGS = f"/apis/{GROUP}/{VERSION}/{PLURAL}"


async def _has_renewed(audit):
    return Right("coordination.k8s.io", "leases", "update") in audit.used()


def worded(rights):
    return sorted(map(str, rights))


@pytest.fixture(name="emptied")
def _emptied(plane):
    """Nothing is left of other tests for an operator that serves all namespaces."""
    for body in plane.call("GET", TRAININGS)["items"]:
        meta = body["metadata"]
        path = f"/apis/{GROUP}/{VERSION}/namespaces/{meta['namespace']}/{PLURAL}"
        if meta.pop("finalizers", []):
            plane.call("PUT", f"{path}/{meta['name']}", body)
        if "deletionTimestamp" not in meta:
            plane.call("DELETE", f"{path}/{meta['name']}")


async def test_the_cluster_role_grants_what_is_used_and_nothing_else(
    plane, tfjob_controller, emptied, install, namespace, tmp_path
):
    installed = install("cluster-wide")
    installed.let_read_secrets(namespace)
    audit = installed.audit()
    world = RealWorld(tmp_path, plane, namespace, installed.token, token=TOKEN)
    async with world, readable_logs(world), Operator(world):
        await world.create_repo()
        log = await live(world, TOKEN)

    assert [] == worded(audit.refused())
    assert worded(installed.rights()) == worded(audit.used() | SEE_NAMESPACES)
    assert 200 in audit.answers(READ_LOGS)
    assert b"no such digit" in log


async def test_a_namespace_that_is_named_may_be_created_later(
    plane, tfjob_controller, install, tmp_path
):
    installed = install("cluster-wide")
    audit = installed.audit()
    later = f"later-{uuid.uuid4().hex[:8]}"
    world = RealWorld(tmp_path, plane, later, installed.token, with_node=False)
    async with world, Operator(world, MNIST_OPERATOR_NAMESPACES=later) as operator:
        await operator.answers("/readyz", 200, role="working")
        plane.call("POST", NAMESPACES, {"metadata": {"name": later}})
        await world.create_repo()
        await world.apply()
        await world.reason("WaitingForData")

    assert [] == worded(audit.refused())
    assert audit.used() >= SEE_NAMESPACES


async def test_the_roles_of_one_namespace_grant_what_is_used_and_nothing_else(
    plane, tfjob_controller, install, namespace, tmp_path
):
    installed = install("namespaced", "standby", namespace=namespace)
    audit = installed.audit()
    world = RealWorld(tmp_path, plane, namespace, installed.token, token=TOKEN)
    settings = {
        "MNIST_OPERATOR_NAMESPACES": namespace,
        "MNIST_OPERATOR_SCANNING": "false",
        "MNIST_OPERATOR_LEASE_NAME": "mnist-operator",
        "MNIST_OPERATOR_LEASE_NAMESPACE": namespace,
    }
    async with world, Operator(world, **settings):
        await world.create_repo()
        await live(world, TOKEN)
        await until(partial(_has_renewed, audit), "the renewal of the Lease")

    assert namespace == installed.home
    assert [] == worded(audit.refused())
    assert worded(installed.rights()) == worded(audit.used())


async def test_a_secret_that_may_not_be_read_is_refused_and_told(
    plane, tfjob_controller, account, namespace, tmp_path
):
    """The one right that is not granted until somebody says where."""
    audit = Audit(
        plane.audit_log, "system:serviceaccount:mnist-operator:mnist-operator"
    )
    world = RealWorld(tmp_path, plane, namespace, account, with_node=False, token=TOKEN)
    async with world, Operator(world, MNIST_OPERATOR_NAMESPACES=namespace):
        secret = {"metadata": {"name": "pachyderm"}, "stringData": {"token": TOKEN}}
        await world.kube.call("POST", world.core("secrets"), secret)
        await world.apply(pachyderm={"secretRef": {"name": "pachyderm"}})
        ready = await world.reason("InvalidSpec")

    assert {Right("", "secrets", "get")} == audit.refused()
    assert "spec.pachyderm.secretRef.name" in ready["message"]
    assert "bind ClusterRole mnist-operator-secrets" in ready["message"]
    assert 'cannot get resource "secrets"' in ready["message"]
