"""How far a run is, on a real API server: shown where nobody has written since."""

import pytest

from mnist_operator import kube
from mnist_operator.errors import ConflictError

_RUN = {"commit": "1" * 32, "attempt": 1, "run": "2" * 32, "tfjob": "mnist-2"} | {
    "state": "Running",
    "since": "2026-03-31T12:00:00Z",
    "request": "",
    "progress": {
        "epoch": 1,
        "epochs": 3,
        "step": 10,
        "steps": 30,
        "metrics": {"loss": "0.25"},
        "estimatedCompletionTime": "2026-03-31T12:01:00Z",
    },
}


async def test_a_status_is_put_on_top_of_the_one_that_was_seen_and_of_no_other(world):
    made = await world.apply()
    seen = made["metadata"]["resourceVersion"]
    client = await kube.connect(world.cluster.kubeconfig)
    try:
        place = client, world.namespace, "mnist"
        written = await kube.put_on_top(*place, seen, {"active": [_RUN]})
        with pytest.raises(ConflictError):
            await kube.put_on_top(*place, seen, {"active": []})
        later = await kube.put_on_top(*place, written, {"head": "3" * 32})
    finally:
        await client.close()

    status = await world.status()
    assert [_RUN] == status["active"]
    assert "3" * 32 == status["head"]
    assert 3 == len({seen, written, later})
