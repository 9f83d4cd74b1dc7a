"""What must hold of a training whose commits are all decided, whatever happened to it.

Read from Pachyderm alone, and checked by the demo's reader, which shares no code with
the operator.
"""

import hashlib
from collections import Counter

from demo.verify import LINEAGE, MODEL, Evidence, find_faults, read_description
from node.world import DATA, Training

__all__ = ["assert_sound"]


def assert_sound(training: Training) -> None:
    """One decision for each commit, one model for each published one, all whole."""
    decisions = training.decisions()
    assert sorted(training.pushed) == sorted(d["inputCommit"] for d in decisions)
    published = {
        each["modelCommit"]: each["inputCommit"]
        for each in decisions
        if each["decision"] == "Published"
    }
    models = training.world.pachd.recent(training.output)
    assert set(published) == {each.commit for each in models}
    assert all(each.finished and not each.error for each in models)
    for each in models:
        commit = read_description(each.description)["inputCommit"]
        assert published[each.commit] == commit
        assert [] == _faults(training, each.commit, commit, each.description)
    trained = Counter(published.values())
    assert not [commit for commit, count in trained.items() if count > 1]


def _faults(training: Training, model: str, commit: str, description: str) -> list[str]:
    read = training.world.pachd.read
    paths = training.world.pachd.files(training.output, model)
    assert {MODEL, LINEAGE} <= set(paths)
    data = read(training.input, commit, DATA)
    return find_faults(
        Evidence(
            input_commit=commit,
            input_sha256=hashlib.sha256(data).hexdigest(),
            description=description,
            files={path: read(training.output, model, path) for path in paths},
        )
    )
