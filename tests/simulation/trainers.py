"""What a trainer leaves behind that ends well: what it began from, and worse.

The fates of `TRICKS` end with exit code 0, and what they leave must not be published.
"""

import json
from hashlib import sha256

from mnist_operator import runs
from mnist_operator.commits import CommitState
from simulation.promoted import report
from unit.model_kubernetes import pod_spec_of
from unit.model_world import MODEL

__all__ = ["QUEUED_SECONDS", "TRICKS", "WELL", "finish", "variables"]

QUEUED_SECONDS = 45.0
"""So long is a TFJob kept waiting by whoever queues it."""
_MANIFEST = "/run.json"
_SHA256 = "0" * 64
WELL = frozenset({0, "queued", "wordy"})
"""The fates of those who do well."""
TRICKS = {
    "empty": "OutputInvalid",
    "garbled": "OutputInvalid",
    "forges": "OutputInvalid",
    "never": "StartupDeadlineExceeded",
}
"""By fate: the reason of the failure that it must end in."""


def finish(world, name, how):
    """The last that a trainer does, once it has written its model."""
    staging = world.kubernetes.ever[name]
    commit = world.pachyderm.commits[staging]
    files = world.pachyderm.content[staging]
    if commit.state is not CommitState.OPEN or MODEL not in files:
        return
    if world.promotions is not None:
        report(world, staging, files, _add)
    told = variables(world.kubernetes.jobs[name])
    if "WARM_START_BUCKET" in told:
        _tell(files, told)
    match how:
        case "empty":
            del files[MODEL]
        case "garbled":
            files[MODEL] = b"half a model"
        case "wordy":
            _add(files, f"/{name}.txt", b"a page of its own")
        case "forges":
            asked = json.loads(files[runs.ATTEMPT_FILE])
            asked["input"]["commit"] = staging
            files[runs.ATTEMPT_FILE] = runs.canonical(asked)


def _tell(files, told):
    """It has begun from the model that it was given, and says so."""
    keys = {"bucket": "WARM_START_BUCKET", "path": "WARM_START_FILE"}
    begun = {key: told[name] for key, name in keys.items()} | {"sha256": _SHA256}
    manifest = json.loads(files[_MANIFEST]) | {"warmStart": begun}
    files[_MANIFEST] = json.dumps(manifest).encode()


def _add(files, path, content):
    """One more file, which its list of them names."""
    listed = json.loads(files[_MANIFEST])
    listed["files"].append({"path": path, "sha256": sha256(content).hexdigest()})
    files |= {path: content, _MANIFEST: json.dumps(listed).encode()}


def variables(job):
    """The environment of a TFJob's trainer, as far as it is told in plain words."""
    environment = pod_spec_of(job)["containers"][0]["env"]
    return {each["name"]: each.get("value") for each in environment}
