"""A real API server takes our own definition, and refuses what its rules refuse."""

import uuid
from collections.abc import AsyncIterator

import pytest

from contract.kube.conftest import CRDS
from mnist_operator.crd import build_crd
from unit.accepted_overrides import ACCEPTED
from unit.refused_overrides import REFUSED


@pytest.fixture
async def trainings(api, namespace) -> AsyncIterator[str]:
    """Where trainings are served, under a group that no real one uses."""
    group = f"c{uuid.uuid4().hex[:8]}.example.dev"
    definition = build_crd()
    definition["metadata"]["name"] = f"mnisttrainings.{group}"
    definition["spec"]["group"] = group
    made = await api.post(CRDS, definition)
    assert 201 == made.status, made.body
    path = f"/apis/{group}/v1alpha1/namespaces/{namespace}/mnisttrainings"
    await api.until(path, lambda answer: 200 == answer.status)
    yield path
    await api.delete(f"{CRDS}/mnisttrainings.{group}")


async def _create(api, path, trainer):
    group = path.split("/")[2]
    body = {
        "apiVersion": f"{group}/v1alpha1",
        "kind": "MnistTraining",
        "metadata": {"generateName": "mnist-"},
        "spec": {"trainer": trainer},
    }
    return await api.post(path, body, fieldValidation="Strict")


async def test_overrides_that_break_nothing_are_admitted(api, trainings):
    for row in ACCEPTED:
        made = await _create(api, trainings, row.values[0])

        assert 201 == made.status, (row.id, made.body)


async def test_overrides_that_break_a_run_are_not_admitted(api, trainings):
    # The size of a template is for the models alone.
    for row in [each for each in REFUSED if "bytes" not in each.values[2]]:
        trainer, _, _, told = row.values

        made = await _create(api, trainings, trainer)

        assert made.status in {400, 422}, (row.id, made.body)
        assert told in made["message"], (row.id, made.body)
