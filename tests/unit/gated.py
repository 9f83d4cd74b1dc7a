"""A training behind a data gate: commit 1 has a model, and commit 2 is the next."""

from mnist_operator.decisions import Decision
from mnist_operator.gate_findings import Figures, Finding, GateVerdict
from mnist_operator.plan import OpenAttempt
from mnist_operator.reconcile import reconcile
from unit.builders import (
    NOW,
    commit,
    entry,
    ident,
    ledger,
    observed,
    source,
    training,
)

PATH = "data/mnist.npz"
GATE = {"maxRelabelled": "0.01", "maxDropped": "0.5"}
LIMITS = (("maxDropped", "0.5"), ("maxRelabelled", "0.01"))
WAITING, LINES = (commit(2),), (entry(1),)
GOOD, BAD = Figures(1000, 1001), Figures(1000, 1001, 11)
TOLD = (
    "11 of 1000 images are relabelled (0.011000, maxRelabelled is 0.01). Compared with"
    f" the newest model's data, commit {ident(1)}."
)
PASSED = Finding(GateVerdict.PASSED, ident(1), GOOD, LIMITS)
BROKEN = Finding(GateVerdict.HELD, ident(1), BAD, LIMITS)


def look(*found, gate=GATE, waiting=WAITING, lines=LINES, **fields):
    """Commit 1 has a model, commit 2 waits, and this was found out about it."""
    spec = fields.pop("spec_fields", {})
    told = fields.pop("annotations", {})
    known = {(ident(1), ident(2 + at), PATH): each for at, each in enumerate(found)}
    wanted = {
        "training": training(dataGate=gate, annotations=told, **spec),
        "ledger": ledger(*lines),
        "source": source(*waiting, contents={ident(1): "a", ident(2): "b"}),
        "compared": known,
    }
    return observed(**(wanted | fields))


def held(number=2, decision=Decision.HELD, **fields):
    """The line about a commit that is held."""
    fields = {"reason": "DataGateHeld", "message": TOLD, "gate": BROKEN} | fields
    return entry(number, decision, **fields)


def actions(seen):
    return reconcile(seen, now=NOW).actions


def opened(seen):
    """The attempt that is opened now."""
    [action] = actions(seen)
    assert isinstance(action, OpenAttempt)
    return action
