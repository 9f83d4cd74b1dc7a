"""A user's day with kubectl on a real API server, and the operator at work."""

import asyncio

import pytest

from cluster.crd.conftest import User

_WAIT = "wait mt/mnist --timeout=120s"


@pytest.fixture
def kubectl(world, operator) -> User:
    return User(world.plane, world.namespace)


async def test_apply_wait_ask_again_suspend_and_delete(world, kubectl):
    kubectl.apply(trigger={"startFrom": "Earliest"})
    commit = await world.push()
    await world.model_of(commit)
    ready = await kubectl.meanwhile(f"{_WAIT} --for=condition=Ready")
    row = kubectl("get mt").splitlines()[1].split()

    kubectl("annotate mt mnist mnist-operator.dev/requested-at=today")
    handled = "--for=jsonpath={.status.lastHandledRequestAt}=today"
    await kubectl.meanwhile(f"{_WAIT} {handled}")
    await kubectl.meanwhile(f"{_WAIT} --for=condition=Ready")
    asked = kubectl("get mt,tfjobs -o name").split()

    kubectl("patch mt mnist --type=merge -p", '{"spec":{"suspend":true}}')
    suspended = '--for=jsonpath={.status.conditions[?(@.type=="Ready")].reason}='
    await kubectl.meanwhile(f"{_WAIT} {suspended}Suspended")
    page = kubectl("describe mt mnist")
    told = kubectl("events --for=mnisttraining/mnist")
    gone = await kubectl.meanwhile("delete mt mnist --timeout=60s")
    left = await asyncio.to_thread(kubectl, "get mt -o name")

    assert "condition met" in ready
    assert ["mnist", "True", commit] == row[:3]
    assert ["0.9900", "0"] == row[4:6]
    assert 3 == len(asked)
    assert 2 == told.count("ModelPublished")
    assert "Last Handled Request At:" in page
    assert 'mnisttraining.mnist-operator.dev "mnist" deleted' in gone
    assert "" == left
