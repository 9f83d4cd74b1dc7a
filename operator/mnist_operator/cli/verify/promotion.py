"""The check of what the promotion gate said, and of what the ledger makes of it. Pure.

promotion.json is a file of the model like any other: its digest is in the record, and
the run is judged once more for it. What that leaves is the ledger, which whoever may
write to the run repo can add a line to: a promotion that the gate never granted, or a
refusal that it never spoke.
"""

from collections.abc import Iterator, Sequence

from mnist_operator.cli.opened import Opened
from mnist_operator.cli.verify.run import Trust
from mnist_operator.cli.verify.verification import Absence, Check, Result, Witnesses
from mnist_operator.decisions import AUTOMATIC, Decision, Entry
from mnist_operator.gate import Ruling
from mnist_operator.lineage import Model
from mnist_operator.production import Candidate
from mnist_operator.promoting import CHAMPION_CHANGED, REQUESTED, find_objection
from mnist_operator.test_result import PROMOTION_FILE, Verdict, read_verdict

__all__ = ["check_promotion"]

_REMEDY = (
    "do not serve this model before you know who moved it; find out who wrote to the"
    " ledger's branch, and move production by hand if it was moved (mnistctl rollback)"
)
_NO_VERDICT = "use no promotion of this model; find out who wrote to the output repo"


def check_promotion(
    model: Model, opened: Opened, seen: Witnesses, trust: Trust
) -> Check | None:
    """Whether the ledger's promotions are those of the gate; None: it was not asked."""
    is_there = any(each.path == PROMOTION_FILE for each in opened.files)
    lines = () if isinstance(seen.moves, Absence) else seen.moves
    if not is_there and not lines:
        return None
    verdict = read_verdict(seen.promotion)
    if is_there and verdict is None:
        told = f"{PROMOTION_FILE} is no test result of the promotion gate"
        return Check("promotion", Result.FAILED, (told,), _NO_VERDICT)
    said = f"{verdict.ruling}, {verdict.reason}" if verdict else "not compared"
    if isinstance(seen.moves, Absence):
        why = "may not be read" if seen.moves is Absence.DENIED else "is not there"
        told = f"the gate said: {said}; the ledger {why}"
        return Check("promotion", Result.UNKNOWN, (told,))
    if not trust.signed and seen.run_repo != trust.run_repo:
        told = f"the gate said: {said}; that {seen.run_repo} has the ledger, the record"
        return Check("promotion", Result.UNKNOWN, (f"{told} alone says",))
    faults = tuple(_find_faults(model, verdict, lines))
    if faults:
        return Check("promotion", Result.FAILED, faults, _REMEDY)
    told = f"the gate said: {said}; the ledger: {_tell(lines)}"
    return Check("promotion", Result.OK, (told,))


def _tell(lines: Sequence[Entry]) -> str:
    told = (f"{each.decision}, {each.reason}" for each in lines)
    return "; ".join(dict.fromkeys(told)) or "nothing yet"


def _find_faults(
    model: Model, verdict: Verdict | None, lines: Sequence[Entry]
) -> Iterator[str]:
    """What the operator would not have written about a model with this verdict."""
    for each in lines:
        said = f"the ledger says {each.decision}, {each.reason}, at {each.time}"
        if each.commit not in {"", model.input_commit}:
            yield f"{said}: of input commit {each.commit}, not {model.input_commit}"
        if each.decision is Decision.PROMOTED and each.reason in {AUTOMATIC, REQUESTED}:
            candidate = Candidate(model.commit, model.input_commit, verdict)
            objection = find_objection(candidate, each.previous)
            if objection is not None:
                yield f"{said}; but the gate said {objection[0]}: {objection[1]}"
        if each.decision is Decision.WITHHELD and not each.request:
            wanted = _find_reason(verdict)
            if each.reason != wanted:
                yield f"{said}; but by {PROMOTION_FILE} it would be {wanted}"
        if verdict and _repeats(each) and not verdict.message.startswith(each.message):
            yield f"{said}, with other figures than the gate: {each.message}"


def _find_reason(verdict: Verdict | None) -> str:
    """Why a model is withheld that nobody asked for."""
    if verdict is None:
        return "NotCompared"
    return CHAMPION_CHANGED if verdict.ruling is Ruling.PASSED else verdict.reason


def _repeats(entry: Entry) -> bool:
    """Whether its message is the gate's own."""
    if entry.decision is Decision.PROMOTED:
        return entry.reason == AUTOMATIC
    return not entry.request and entry.reason != CHAMPION_CHANGED
