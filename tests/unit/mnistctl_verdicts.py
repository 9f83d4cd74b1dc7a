"""A model with the gate's word, and what `mnistctl verify` finds, for tests."""

from dataclasses import replace

from mnist_operator.cli.verify.report import Terms, verify
from mnist_operator.decisions import Decision, Entry
from mnist_operator.evidence import with_verdict
from mnist_operator.runs import canonical
from mnist_operator.signing import sign_statement
from mnist_operator.test_result import PROMOTION_FILE, read_verdict
from unit import mnistctl_records as records
from unit.mnistctl_witnesses import a_run, opened, witnesses
from unit.trials import CHAMPION, told, trial

__all__ = ["WORSE", "forged", "judged", "line", "verified"]

TRIAL = trial()
_ATTEMPT = replace(a_run().attempt, trial=TRIAL)
_ASKED = records.asked() | {"heldOut": TRIAL.to_json()}
WORSE = {"both": 80, "champion": 16}


def judged(**counts):
    """A run's evidence with the gate's word, and the run."""
    report = canonical(told(TRIAL, **counts))
    one = with_verdict(replace(records.evidence(), attempt=_ASKED), TRIAL, report)
    return one, a_run(asked=_ASKED, attempt=_ATTEMPT, report=report)


def line(decision=Decision.PROMOTED, reason="Automatic", **fields):
    """What the ledger says, true of a model that passed unless a field is changed."""
    said = read_verdict(judged()[0].promotion).message
    values = {"message": said, "previous": CHAMPION, "commit": records.INPUT_COMMIT}
    return Entry(records.NOON, decision, reason=reason, **(values | fields))


def verified(*, counts=None, written=None, recorded=None, terms=None, key=None, **said):
    """One model with a verdict; what is written, or recorded, may be another one."""
    one, run = judged(**(counts or {}))
    written = one.promotion if written is None else written
    commit, content, files = records.record(recorded or one)
    model = opened(commit, content, files)
    if key is not None:
        model = replace(model, bundle=sign_statement(content, key))
    seen = {
        "run": run,
        "promotion": written,
        "hashes": {PROMOTION_FILE: records.sha256(written)},
    }
    return verify(model, witnesses(commit, **(seen | said)), terms or Terms())


def forged():
    """The verdict of a model that was refused, and one by which it passed."""
    refused, passed = judged(**WORSE)[0], judged()[0]
    return refused, passed
