"""What the status says of production, and of the newest model. Pure."""

from mnist_operator.decisions import Decision
from mnist_operator.foreign import plain
from mnist_operator.plan import Observed
from mnist_operator.production import Candidate
from mnist_operator.promoting import NOT_ASKED, find_objection
from mnist_operator.status import PromotionStatus

__all__ = ["sum_up_production"]

_LIMIT = 1024
_WAITS = "mnistctl promote moves production to it."


def sum_up_production(observed: Observed) -> PromotionStatus | None:
    """What is in production and why the newest model is, or is not."""
    production, ledger = observed.production, observed.ledger
    if production is None:
        return None
    candidate, answer = production.candidate, ledger.last_answer
    verdict = candidate.verdict if candidate else None
    reason, message = _say_why(observed, production.head, candidate)
    said = f"{answer.reason}: {answer.message}" if answer else ""
    if answer and answer.decision is Decision.PROMOTED:
        said = f"Promoted: {answer.output}: {said}"
    return PromotionStatus(
        production_commit=production.head,
        candidate_commit=candidate.commit if candidate else "",
        verdict=verdict.ruling.value if verdict else "",
        reason=plain(reason, 64),
        message=plain(message, _LIMIT),
        last_handled_request_at=answer.request if answer else "",
        last_answer=plain(said, _LIMIT),
    )


def _say_why(
    observed: Observed, head: str, candidate: Candidate | None
) -> tuple[str, str]:
    """Of the newest model: one word, and a sentence."""
    if candidate is None:
        return "NoModel", "No model is published yet."
    verdict = candidate.verdict
    figures = verdict.message if verdict else NOT_ASKED
    if candidate.commit == head:
        return "InProduction", figures
    if candidate.commit in observed.ledger.promoted:
        told = "It was in production, and another model was put in its place."
        return "RolledBack", f"{told} {figures}"
    objection = find_objection(candidate, head)
    if objection is not None:
        return objection
    return "Waiting", f"{_WAITS} {figures}"
