"""TFJobs and pods in the API server's JSON, as training-operator 1.9.4 and a kubelet
write them.
"""

CREATED = "2026-01-01T11:00:00Z"
STARTED = "2026-01-01T11:00:10Z"
CHANGED = "2026-01-01T11:00:20Z"
DIGEST = "docker.io/trainer@sha256:00ff"


def conditions(*held, **meta):
    """A TFJob whose conditions of these types are True; a leading ! means False."""
    listed = [
        {
            "type": each.lstrip("!"),
            "status": "False" if each.startswith("!") else "True",
            "message": f"TFJob mnist is {each.lower()}.",
            "lastTransitionTime": CHANGED,
        }
        for each in held
    ]
    return a_job({"conditions": listed}, **meta)


def a_job(status=None, **meta):
    wanted = {"name": "mnist-a", "uid": "j1", "creationTimestamp": CREATED}
    body = {"metadata": wanted | meta}
    return body if status is None else body | {"status": status}


def a_pod(
    name="mnist-a-worker-0",
    created=CREATED,
    container="tensorflow",
    beside=(),
    **status,
):
    state = status.pop("state", None)
    if state is not None:
        one = {"name": container, "state": state, "imageID": DIGEST}
        status["containerStatuses"] = [*beside, one]
    return {
        "metadata": {"name": name, "creationTimestamp": created},
        "spec": {"nodeName": "node-1"},
        "status": status,
    }


def a_part(name="proxy", **state):
    return {"name": name, "state": state}


def ended(code, reason="Error", message=""):
    end = {"exitCode": code, "reason": reason, "startedAt": STARTED}
    proxy = a_part(running={"startedAt": CREATED})
    return a_pod(state={"terminated": end | {"message": message}}, beside=[proxy])


RUNNING = a_pod(state={"running": {"startedAt": STARTED}})
EVICTED = a_pod(phase="Failed", reason="Evicted", message="The node was low on disk.")
