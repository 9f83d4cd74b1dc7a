"""What holds in the model world: at any time, and once all had time to settle."""

from dataclasses import dataclass

from mnist_operator import places
from mnist_operator.commits import CommitState
from mnist_operator.decisions import SUPERSEDED, UNCHANGED, Decision, retrain_request
from mnist_operator.lanes import parallel
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.resource import MAX_PARALLEL
from unit.builders import training
from unit.model_operator import Operator
from unit.model_world import DATA, MODEL, model_of, turn_of


def check_at_any_time(world):
    models, decisions = world.models(), world.decisions()
    published = [turn_of(each) for each in models]
    overtaken = find_overtaken(world)

    assert len(published) == len(set(published)), world.tell()
    for turn, said in decisions.items():
        assert len(said) == 1 or turn in overtaken, world.tell()
        assert said[-1].decision == "Published" or turn not in published, world.tell()
    for model in models:
        files = world.pachyderm.content[model.commit]
        assert model_of(model.input_commit, model.run) == files[MODEL]
        assert LINEAGE_FILE in files
    if not world.rewound and not overtaken:
        check_order(world)


def find_overtaken(world):
    """Commits that were skipped while their model was on its way to the branch.

    An operator that stands still between its look and its act, for as long as
    another needs to train, may write that; then both lines are there. Where one
    operator runs at a time, it cannot happen.
    """
    if not world.shared:
        return set()
    both = [Decision.SKIPPED, Decision.PUBLISHED]
    found = world.decisions().items()
    return {turn for turn, said in found if both == [each.decision for each in said]}


def check_order(world):
    """Commits are decided, and their models published, in the order they came in."""
    order = list(world.pachyderm.content)
    decided = [each.commit for each in world.entries() if not each.request]
    published = [each.input_commit for each in world.models() if not each.request]

    assert decided == sorted(decided, key=order.index), world.tell()
    assert published == sorted(published, key=order.index), world.tell()


def check_in_the_end(world, operator):
    check_at_any_time(world)
    decisions = world.decisions()
    published = {
        turn for turn, said in decisions.items() if said[-1].decision == "Published"
    }
    decided = world.ledger().decided

    assert [] == [each.id for each in world.expected() if each.id not in decided]
    assert published == {turn_of(model) for model in world.models()}
    for slot in range(MAX_PARALLEL):
        assert not is_open(world, places.slot_branch(training(), slot))
    assert not is_open(world, world.outputs)
    assert not is_open(world, places.staged_branch(training()))
    assert [] == world.kubernetes.labelled(world.kubernetes.running())
    check_skips(world)
    check_history_limits(world)
    check_request(world, operator.status)
    check_status(world, operator.status)
    check_restart(world, operator.status)


def check_skips(world):
    """A commit is skipped as unchanged only where a model was made of the same."""
    made = []
    for entry in world.entries():
        files = world.pachyderm.content.get(entry.commit, {})
        if entry.decision is Decision.PUBLISHED:
            made.append(files)
        if entry.reason == "ContentUnchanged":
            assert files in made, world.tell()
        if entry.reason == "PathsUnchanged" and DATA in files:
            assert files[DATA] in [each.get(DATA) for each in made], world.tell()


def check_history_limits(world):
    spec, kubernetes = world.training.spec, world.kubernetes
    assert len(kubernetes.ended("Succeeded")) <= spec.successful_runs_history_limit
    assert len(kubernetes.ended("Failed")) <= spec.failed_runs_history_limit


def check_status(world, status):
    """It says what someone would who watched."""
    entries, models = world.entries(), world.models()
    shown = [(h["commit"], h["decision"], h["request"]) for h in status["history"]]
    told = [(e.commit, e.decision.value, e.request) for e in reversed(entries)]

    assert 0 == status["pendingCommits"]
    assert [] == status["active"] == status["queue"]
    assert status["lastModelCommit"] == (models[-1].commit if models else "")
    assert status["lastTrainedCommit"] == (models[-1].input_commit if models else "")
    assert (models[-1].accuracy if models else "") == status["lastAccuracy"]
    assert told[:10] == shown
    tried = [each.commit for each in entries[-10:] if each.attempt]
    assert not tried or tried[-1] == status["lastAttemptedCommit"]
    assert (world.head().id if world.head() else "") == status["head"]
    ready = next(each for each in status["conditions"] if each["type"] == "Ready")
    assert expected_ready(world) == ready["status"], world.tell()


def expected_ready(world):
    """A model of the newest data, or nothing that could have one, is well."""
    turns = [e for e in world.entries() if e.decision != "Skipped" or not e.request]
    if not turns or is_asked_commit_open(world):
        return "Unknown"
    ran = [each for each in turns if each.decision is not Decision.SKIPPED]
    well = not ran or ran[-1].decision is Decision.PUBLISHED
    return str(well or turns[-1].reason in UNCHANGED)


def check_request(world, status):
    """Whoever asked gets one answer, and can read that there is one."""
    text = world.training.requested_at
    if text and not is_asked_commit_open(world):
        assert 1 == len(world.decisions()[text]), world.tell()
        assert text == status["lastHandledRequestAt"]


def is_asked_commit_open(world):
    """Whether the newest request waits for whoever writes in a commit of old."""
    named = world.pachyderm.commits.get(world.training.requested_commit)
    return (
        named is not None
        and named.state is CommitState.OPEN
        and world.training.requested_at not in world.ledger().requests
    )


def check_restart(world, status):
    """Nothing is done again, nor told otherwise, by an operator that knows nothing."""
    world.show({})
    fresh = Operator(world)
    fresh.look()

    assert () == fresh.plan.actions
    assert without_times(status) == without_times(fresh.status)


def check_newest(world):
    """With the newest alone wanted: it is not passed over, unless it is moved."""
    whole = [each for each in world.inputs() if each.state is CommitState.FINISHED]
    if whole and not world.rewound:
        reasons = [entry.reason for entry in world.decisions()[whole[-1].id]]
        assert SUPERSEDED not in reasons, world.tell()


def check_retrained(world):
    """The newest commit that ran in its turn was tried with the trainer of today."""
    ledger, digest = world.ledger(), world.spec_digest()
    newest = ledger.newest.commit if ledger.newest else ""
    if newest in world.pachyderm.commits:
        tried = (newest, digest) in ledger.tried
        assert tried or retrain_request(newest, digest) in ledger.requests


@dataclass
class Restraint:
    """For every step: one operator starts no more than the spec allows.

    What it had begun before the spec changed, it ends.
    """

    running: int = 0
    created: int = 0
    limit: int = 0
    suspended: bool = False

    def __call__(self, accidents):
        world, (operator, _) = accidents.world, accidents.operators
        if world.training is None:
            return
        spec, running = world.training.spec, len(world.reaching())
        created = len(world.kubernetes.ever)

        assert running <= max(parallel(spec), self.running, self.limit)
        assert not (self.suspended and spec.suspend) or created == self.created
        self.running, self.created = running, created
        self.limit = max(parallel(spec), self.limit) if operator.is_acting else 0
        self.suspended = spec.suspend and not operator.is_acting


def without_times(status):
    conditions = [
        {key: value for key, value in each.items() if key != "lastTransitionTime"}
        for each in status["conditions"]
    ]
    # Nor the seal: it is of the heads and the uid, which are not part of what is told.
    return status | {"conditions": conditions, "seal": None}


def is_open(world, branch):
    head = world.pachyderm.head_now(branch)
    return head is not None and head.state is CommitState.OPEN
