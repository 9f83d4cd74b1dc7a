"""What is compared of two worlds, without what two worlds never share: IDs and times.

Only what became of the commits of the last part is looked at, the probe; whatever an
older commit is named by is called earlier.
"""

import json
import re

from mnist_operator.lineage import read_model

__all__ = ["view"]

_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{12,32}(?![0-9a-f])")
_OTHER = (
    (re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+(Z|\+00:00)"), "<time>"),
    (re.compile(r"\d\d:\d\d:\d\d UTC"), "<time>"),
    (re.compile(r"\buid-\d+"), "<uid>"),
    (re.compile(r"\d+ commits? waits?"), "some wait"),
)
_OLD = "earlier"
_OF_OLD = re.compile(rf"Attempt \d+ for input commit {_OLD}: \w+\. ?")
"""Runs of the walk itself that are held now, where a fresh world has none."""
_SHOWN = ("head", "lastTrainedCommit", "lastModelCommit", "lastAccuracy")


def view(world, probe):
    """As JSON that can be compared; probe: the names of its commits, by ID."""
    plain = _Namer(world, probe)
    status = plain(world.training.status)
    decided = [plain(_said(each)) for each in world.entries() if each.commit in probe]
    told = [_condition(world, each) for each in status.get("conditions", ())]
    for each in told if not decided else ():
        if each["type"] == "Ready":
            del each["status"]  # It is still about what was trained before.
    ours = status.get("lastTrainedCommit", "") not in {"", _OLD}
    return {
        "held": bool(world.spec.get("suspend")) and _older_wait(world, probe),
        "decided": decided,
        "conditions": told,
        "shown": {name: status.get(name) for name in _SHOWN} if ours else {},
        "queue": [e for e in status.get("queue", ()) if e["commit"] != _OLD],
        "active": [e for e in status.get("active", ()) if e["commit"] != _OLD],
        "history": [e for e in status.get("history", ()) if e["commit"] != _OLD],
        "jobs": sorted(_jobs(world, probe, plain)),
        "running": len(world.kubernetes.running()),
    }


def _older_wait(world, probe):
    """Whether a commit of the walk itself is held, and those after it with it."""
    ledger = world.ledger()
    waiting = [each.id for each in world.expected() if ledger.is_open(each.id)]
    return any(each not in probe for each in waiting)


def _said(entry):
    told = json.loads(entry.to_line())
    return {key: value for key, value in told.items() if key not in {"time", "by"}}


def _condition(world, condition):
    seen = condition["observedGeneration"] == world.generation
    dropped = {"lastTransitionTime", "observedGeneration"}
    kept = {key: value for key, value in condition.items() if key not in dropped}
    if condition["type"] == "Reconciling":
        kept["message"] = _OF_OLD.sub("", kept["message"]) or "Nothing is under way."
    return kept | {"of the present spec": seen}


def _jobs(world, probe, plain):
    """What is kept of TFJobs: their whole spec, and how they ended."""
    kubernetes = world.kubernetes
    for name, job in kubernetes.jobs.items():
        if kubernetes.commit(name) in probe:
            meta = job["metadata"]
            kept = {key: meta.get(key) for key in ("labels", "annotations", "name")}
            owned = bool(meta.get("ownerReferences"))
            ended = kubernetes.ends.get(name, "")
            found = [plain(kept), plain(job["spec"]), owned, ended]
            yield json.dumps(found, sort_keys=True)


class _Namer:
    """Puts names for IDs, wherever they are in some JSON."""

    def __init__(self, world, probe) -> None:
        self._world = world
        self._probe = probe

    def __call__(self, value):
        text = _ID.sub(self._name, json.dumps(value))
        for pattern, name in _OTHER:
            text = pattern.sub(name, text)
        return json.loads(text)

    def _name(self, found):
        start = found[0]
        commits = self._world.pachyderm.commits
        whole = [each for each in commits if each.startswith(start)]
        if not whole:
            return start
        return self._name_of(commits[whole[0]])

    def _name_of(self, commit):
        if commit.id in self._probe:
            return self._probe[commit.id]
        if commit.repo == self._world.branch.repo:
            return _OLD
        if commit.repo != self._world.outputs.repo:
            return "<run>"
        model = read_model(commit)
        of = self._probe.get(model.input_commit, _OLD) if model else _OLD
        return f"<model of {of}>"
