"""Progress through a real API server: how its lane asks for a log, and what it may.

Behind the API server is the local node and no kubelet: what is shown is that this
server takes the request, lets the operator's ServiceAccount make it, and passes its
parameters on; how a kubelet cuts a log is not.
"""

import json

from cluster.rights.audit import Right
from cluster.rights.logs import readable_logs
from cluster.worlds import RealWorld
from integration.crash.holds import reached
from integration.running.processes import Operator
from integration.world import until

READ_LOGS = Right("", "pods/log", "get")
PROGRESS = {"epoch": 1, "epochs": 3, "step": 10, "steps": 30}
ASKED = {"container": "tensorflow", "tailLines": "40", "limitBytes": "32768"}


async def test_how_far_a_run_is_comes_through_the_api_server_with_the_rights_it_has(
    plane, tfjob_controller, install, namespace, tmp_path
):
    installed = install("cluster-wide")
    audit = installed.audit()
    world = RealWorld(tmp_path, plane, namespace, installed.token)
    settings = {
        "MNIST_OPERATOR_NAMESPACES": namespace,
        "MNIST_OPERATOR_PROGRESS_SECONDS": "0.5",
    }
    gate, log = tmp_path / "gate", tmp_path / "log"
    log.write_text(f"progress: {json.dumps(PROGRESS)}\n")

    async def shown():
        runs = (await world.status()).get("active") or [{}]
        return runs[0].get("progress")

    async with world, readable_logs(world), Operator(world, **settings):
        await world.create_repo()
        await world.apply()
        commit = await world.push(digits=1, wait_for=str(gate), tell=str(log))
        await reached(gate)
        progress = await until(shown, "how far it is")
        gate.touch()
        await world.model_of(commit)

    assert PROGRESS == {key: progress[key] for key in PROGRESS}
    assert [] == sorted(map(str, audit.refused()))
    assert {200} == audit.answers(READ_LOGS)
    assert ASKED in audit.queries(READ_LOGS)
