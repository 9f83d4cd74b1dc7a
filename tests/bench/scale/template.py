"""One MnistTraining with its first model, made by the operator itself.

What it left in both servers is the pattern for thousands: see `cloning`.
"""

from pathlib import Path

import yaml

from bench.api import Api
from bench.scale.world import World
from bench.stage import training
from local_cluster.tfjobs import TFJOB_CRD
from mnist_operator.commits import Repo
from mnist_operator.pachyderm import Connection, Pachyderm
from mnist_operator.resource import GROUP, PLURAL, VERSION

__all__ = ["NAMES", "make_template", "names_of"]

_ROOT = Path(__file__).resolve().parents[3]
_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_QUIET_SECONDS = 8.0
"""Longer than any pause in what follows a model."""
_PER_NAMESPACE = 50


def names_of(number: int, per_repo: int) -> dict[str, str]:
    """What a training's things are called; all of the same length for each kind."""
    return {
        "namespace": f"team-{number // _PER_NAMESPACE:04}",
        "name": f"train-{number:05}",
        "branch": f"line-{number:05}",
        "input": f"data-{number // per_repo:04}",
        "output": f"models-{number // per_repo:04}",
    }


NAMES = names_of(99999, 20)
"""Those of the pattern: no other training is called so."""


async def make_template(root: Path) -> None:
    """Let the operator adopt one training, and publish its first commit's model."""
    async with World(root) as world:
        await world.ask_kube(end=True)
        commit = await _apply(world)
        async with world.operator():
            key = NAMES["namespace"], NAMES["name"]
            await world.until_trained([[*key, commit]])
            await world.until_quiet(_QUIET_SECONDS)


async def _apply(world: World) -> str:
    client = Pachyderm(Connection(world.environment["PACHD_ADDRESS"]))
    await client.create_repo(Repo("default", NAMES["input"]))
    await client.close()
    (commit,) = await world.ask_pachd(push=[[NAMES["input"], NAMES["branch"]]])
    where = {
        "input": {"repo": NAMES["input"], "branch": NAMES["branch"]},
        "output": {"repo": NAMES["output"], "branch": NAMES["branch"]},
    }
    body = training(NAMES["name"], **where)
    crd = yaml.safe_load((_ROOT / "crds" / "mnisttraining.yaml").read_text())
    async with Api(Path(world.environment["KUBECONFIG"])) as api:
        for definition in (crd, TFJOB_CRD):
            await api.ensure(_DEFINITIONS, definition)
        namespace = {"metadata": {"name": NAMES["namespace"]}}
        await api.ensure("/api/v1/namespaces", namespace)
        path = f"/apis/{GROUP}/{VERSION}/namespaces/{NAMES['namespace']}/{PLURAL}"
        await api.call("POST", path, body)
    return str(commit)
