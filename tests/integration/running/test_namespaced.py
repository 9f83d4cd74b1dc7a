"""Without cluster rights: a Role in the namespaces that it serves, and no more."""

from integration.running.processes import Operator
from integration.world import EARLIEST, NAMESPACE, until
from local_cluster.faults import Fault
from local_cluster.kube.client import ClientError, path_of
from local_cluster.tfjobs import TFJOB_CRD

DEFINITIONS = path_of("apiextensions.k8s.io/v1", "customresourcedefinitions")
FORBIDDEN = (403, {"kind": "Status", "code": 403, "message": "no ClusterRole"})
ROLE_ONLY = {
    "MNIST_OPERATOR_SCANNING": "false",
    "MNIST_OPERATOR_NAMESPACES": NAMESPACE,
    "MNIST_OPERATOR_RESYNC_SECONDS": "3600",
}
"""Nothing is looked at in time unless kopf tells of it."""


async def remove_tfjobs(world):
    definition = f"{DEFINITIONS}/tfjobs.kubeflow.org"
    await world.kube.call("DELETE", definition)

    async def is_gone():
        try:
            await world.kube.call("GET", definition)
        except ClientError:
            return True
        return False

    await until(is_gone, "the end of the definition")


async def test_a_kind_that_comes_goes_and_comes_again_is_noticed(world):
    await remove_tfjobs(world)
    for kind in ("customresourcedefinitions", "namespaces"):
        world.faults.add(Fault(f"kube.list.{kind}", FORBIDDEN, times=None))
        world.faults.add(Fault(f"kube.watch.{kind}", FORBIDDEN, times=None))
    async with Operator(world, **ROLE_ONLY) as operator:
        await world.apply(trigger=EARLIEST)
        pushed = [await world.push(digits=1)]
        absent = await world.reason("KubernetesUnavailable")
        await world.kube.call("POST", DEFINITIONS, TFJOB_CRD)
        await world.model_of(pushed[0])

        await remove_tfjobs(world)
        pushed.append(await world.push(digits=2))
        removed = await world.reason("KubernetesUnavailable")
        await world.kube.call("POST", DEFINITIONS, TFJOB_CRD)
        await world.model_of(pushed[1])

        assert "Is the TFJob CRD of Kubeflow installed?" in absent["message"]
        assert absent["message"] == removed["message"]
        assert pushed == await world.trained()
        assert "no ClusterRole" not in operator.told
