"""How a training stands while there is nothing to do: what Ready says then. Pure."""

from mnist_operator.decisions import UNCHANGED, Decision, Entry
from mnist_operator.plan import Observed, Story
from mnist_operator.status import Reason

__all__ = ["stand"]


def stand(observed: Observed) -> Story:
    """Sum up what was decided last."""
    last = _last(observed)
    place = observed.training.spec.input
    if not observed.source.repo_exists:
        message = f"There is no repo {place.project}/{place.repo}: create it and push."
        return Story(Reason.WAITING_FOR_DATA, message)
    if last is None:
        branch = f"{place.project}/{place.repo}@{place.branch}"
        message = f"Waiting for the first commit on {branch}."
        return Story(Reason.WAITING_FOR_DATA, message)
    ran = _last_that_ran(observed, last)
    skipped = f" It was skipped: {last.reason}." if last.reason else ""
    if ran is not None and ran.decision is Decision.FAILED:
        message = f"Input commit {ran.commit}: {ran.reason}: {ran.message}"
        later = "" if ran is last else f" The last one: {last.commit}.{skipped}"
        return Story(Reason.TRAINING_FAILED, f"{message}{later}", ready="False")
    message = f"Every commit is decided, the last one: {last.commit}.{skipped}"
    return Story(Reason.UP_TO_DATE, message, ready="True")


def _last(observed: Observed) -> Entry | None:
    """The newest decision about a commit; a refused request is about none."""
    for entry in observed.ledger.recent:
        if entry.decision is not Decision.SKIPPED or not entry.request:
            return entry
    return None


def _last_that_ran(observed: Observed, last: Entry) -> Entry | None:
    """The run that speaks for the newest data.

    Content that was trained on already has its model. Any other skip says nothing
    of a model, so the run before it still counts.
    """
    if last.reason in UNCHANGED:
        return None
    ran = (e for e in observed.ledger.recent if e.decision is not Decision.SKIPPED)
    return next(ran, observed.ledger.newest)
