"""What the schema allows and forbids, by a real API server: a sample of each."""

from random import Random

import pytest

from local_cluster.kube.client import ClientError, Door, KubeClient, path_of
from mnist_operator.resource import GROUP, KIND, PLURAL, VERSION
from simulation.walks.edits import edits
from simulation.walks.mistakes import is_named, mistakes

_EDITS = 120
"""Of each kind; so many take seconds."""


@pytest.fixture(name="kube")
async def _kube(plane):
    client = KubeClient(Door(plane.url, plane.token, plane.ca), "test")
    async with client as kube:
        yield kube


@pytest.fixture(name="patch")
async def _patch(kube, namespace):
    """Try an edit of a stored training, or of a new one where it must not change."""
    path = path_of(f"{GROUP}/{VERSION}", PLURAL, (namespace, ""))
    options = "dryRun=All&fieldValidation=Strict"
    body = {"apiVersion": f"{GROUP}/{VERSION}", "kind": KIND}
    await kube.call("POST", path, body | {"metadata": {"name": "mnist"}, "spec": {}})

    async def patch(edit):
        """What is said against it."""
        new = body | {"metadata": {"name": "other"}, "spec": edit.patch}
        try:
            if edit.fresh:
                await kube.call("POST", f"{path}?{options}", new)
            else:
                await kube.call(
                    "PATCH", f"{path}/mnist?{options}", {"spec": edit.patch}
                )
        except ClientError as error:
            return [str(error)]
        return []

    return patch


async def test_a_real_api_server_takes_and_refuses_the_same_edits(patch):
    draw = Random(1)  # noqa: S311 (the same every time)
    able, wrong = draw.sample(edits(), _EDITS), draw.sample(mistakes(), _EDITS)
    refused = {str(each): said for each in able if (said := await patch(each))}
    told = [(each, await patch(each)) for each in wrong]

    assert {} == refused
    assert [] == [
        (str(each), said) for each, said in told if not is_named(each.field, said)
    ]
