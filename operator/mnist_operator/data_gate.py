"""The data gate: whether a commit's data has moved too far from the newest model's.

A commit that is held is neither decided nor in the queue: commits after it go on. It
stays so until somebody releases or discards it, asks for a run on it, or, where only
the newest is wanted, a newer one takes its place. Pure.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mnist_operator.commits import Commit
from mnist_operator.decisions import DISCARDED, Decision, Entry, is_release
from mnist_operator.gate_answers import DISCARD_COMMIT, RELEASE_COMMIT, named_in
from mnist_operator.gate_findings import Finding, GateVerdict, tell, violations
from mnist_operator.plan import (
    Action,
    CompareData,
    Observed,
    Plan,
    Record,
    Story,
    Task,
)
from mnist_operator.status import Reason

__all__ = [
    "answer",
    "find",
    "find_for",
    "is_in_doubt",
    "is_on",
    "pass_gate",
]

_LINES = {GateVerdict.HELD: Decision.HELD, GateVerdict.WARNED: Decision.WARNED}


def is_on(observed: Observed) -> bool:
    """Whether anything is compared at all."""
    gate = observed.training.spec.data_gate
    return gate is not None and bool(gate.limits())


def find(observed: Observed, commit: Commit) -> Finding | None:
    """What the gate says of a commit in its turn; None: it is to be compared first."""
    gate, model = observed.training.spec.data_gate, observed.ledger.published
    if model is None or gate is None:
        return Finding(GateVerdict.FIRST)
    figures = observed.compared.get(_pair(observed, model.commit, commit))
    if figures is None:
        return None
    finding = Finding(
        verdict=GateVerdict.PASSED,
        base=model.commit,
        figures=figures,
        limits=tuple(sorted(gate.limits().items())),
    )
    if not violations(figures, gate.limits()):
        return finding
    holds = gate.on_violation == "Hold"
    return replace(finding, verdict=GateVerdict.HELD if holds else GateVerdict.WARNED)


def is_in_doubt(observed: Observed, commit: Commit) -> bool:
    """Whether a commit may come to be held: nothing makes way for it before."""
    if not is_on(observed):
        return False
    finding = find(observed, commit)
    return finding is None or finding.verdict is GateVerdict.HELD


def pass_gate(
    observed: Observed, commit: Commit, now: datetime
) -> Plan | Finding | None:
    """The way through the gate of a finished commit whose turn it may be.

    A plan: what is to be done first. None: it must wait, since it will be held and an
    older commit is still to be decided. Else with this finding it may be trained.
    """
    finding = find(observed, commit)
    if finding is None:
        return _compare(observed, commit)
    decision = _LINES.get(finding.verdict)
    if decision is Decision.HELD and observed.source.waiting[0].id != commit.id:
        return None
    if decision is None or commit.id in observed.ledger.warned:
        return finding
    entry = Entry(
        now,
        decision,
        commit.id,
        Reason.DATA_GATE_HELD if decision is Decision.HELD else Reason.DATA_GATE_WARNED,
        tell(finding),
        spec=observed.spec_digest,
        gate=finding,
    )
    return _do(Record((entry,)), "Recording what spec.dataGate found.")


def _compare(observed: Observed, commit: Commit) -> Plan:
    base = observed.ledger.published.commit if observed.ledger.published else ""
    action = CompareData(*_pair(observed, base, commit))
    message = (
        f"Comparing the data of input commit {commit.id} with that of {base}, as"
        " spec.dataGate asks."
    )
    return _do(action, message)


def _pair(observed: Observed, base: str, commit: Commit) -> tuple[str, str, str]:
    return base, commit.id, observed.training.spec.input.path


def find_for(observed: Observed, task: Task) -> Finding | None:
    """What an attempt's record is to say of the gate; None: it was not asked.

    It is not for a run by hand: whoever asks for one has looked at the data. Unless
    the commit was held, and this is what became of it.
    """
    if not task.request:
        return find(observed, task.commit) if is_on(observed) else None
    ledger = observed.ledger
    held = ledger.held.get(task.commit.id) or ledger.released.get(task.commit.id)
    if held is None or held.gate is None:
        return None
    released = is_release(task.request)
    verdict = GateVerdict.RELEASED if released else GateVerdict.REQUESTED
    return replace(held.gate, verdict=verdict)


def answer(observed: Observed, now: datetime) -> Plan | None:
    """Write down whom the annotations release or discard, of those that are held."""
    released = _held(observed, RELEASE_COMMIT)
    discarded = [e for e in _held(observed, DISCARD_COMMIT) if e not in released]
    entries = [
        *(_release(each, now) for each in released),
        *(_discard(each, now) for each in discarded),
    ]
    if not entries:
        return None
    return _do(Record(tuple(entries)), "Recording what became of what was held.")


def _held(observed: Observed, annotation: str) -> Sequence[Entry]:
    held = observed.ledger.held
    named = named_in(observed.training.annotations, annotation)
    return [held[each] for each in dict.fromkeys(named) if each in held]


def _release(entry: Entry, now: datetime) -> Entry:
    return replace(
        entry,
        time=now,
        decision=Decision.RELEASED,
        reason=Reason.DATA_GATE_RELEASED,
        message=f"Somebody released it. It was held: {entry.message}",
    )


def _discard(entry: Entry, now: datetime) -> Entry:
    message = f"It was held, and somebody discarded it. {entry.message}"
    return Entry(
        now, Decision.SKIPPED, entry.commit, DISCARDED, message, spec=entry.spec
    )


def _do(action: Action, message: str) -> Plan:
    return Plan(Story(Reason.COMPARING_DATA, message, reconciling=True), (action,))
