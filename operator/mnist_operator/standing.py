"""How a training stands while there is nothing to do: what Ready says then. Pure."""

from dataclasses import replace

from mnist_operator.decisions import RUN_ENDS, UNCHANGED, Decision, Entry
from mnist_operator.failures import stays_failed
from mnist_operator.gate_answers import RELEASE_COMMIT
from mnist_operator.plan import Observed, Story
from mnist_operator.status import Reason

__all__ = ["stand"]


def stand(observed: Observed) -> Story:
    """Sum up what was decided last, and what spec.dataGate has to say of it."""
    ledger, story = observed.ledger, _sum_up(observed)
    newest = next(filter(_is_about_data, ledger.recent), None)
    if newest is not None and newest.commit in ledger.held:
        return _hold(observed, newest, story)
    told = [*_tell_older(observed), *_tell_warning(observed)]
    return replace(story, message=" ".join([story.message, *told]))


def _hold(observed: Observed, held: Entry, story: Story) -> Story:
    """The newest data is held: somebody must act, though the model is as it was."""
    key, commit = observed.training.key, held.commit
    message = (
        f"spec.dataGate holds input commit {commit}: {held.message} Push better data;"
        f" or let it be trained with mnistctl release {key} {commit}, or with the"
        f" annotation {RELEASE_COMMIT}={commit}."
    )
    return Story(
        Reason.DATA_GATE_HELD,
        message,
        ready=story.ready,
        stalled=True,
        event=Reason.DATA_GATE_HELD,
        key=commit,
    )


def _tell_older(observed: Observed) -> list[str]:
    count = len(observed.ledger.held)
    many = "1 older commit" if count == 1 else f"{count} older commits"
    return [f"spec.dataGate holds {many}: see status.held."] if count else []


def _tell_warning(observed: Observed) -> list[str]:
    model, warning = observed.ledger.published, observed.ledger.warning
    if model is None or warning is None or model.commit != warning.commit:
        return []
    return [f"spec.dataGate warned of the newest model's data: {warning.message}"]


def _sum_up(observed: Observed) -> Story:
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
        again = stays_failed(observed.training, ran.commit, ran.reason)
        later = "" if ran is last else f" The last one: {last.commit}.{skipped}"
        told = f"{message}{again}{later}"
        return Story(Reason.TRAINING_FAILED, told, ready="False")
    message = f"Every commit is decided, the last one: {last.commit}.{skipped}"
    return Story(Reason.UP_TO_DATE, message, ready="True")


def _last(observed: Observed) -> Entry | None:
    """The newest decision about a commit."""
    about = filter(_is_about_data, observed.ledger.recent)
    return next((e for e in about if e.decision is not Decision.HELD), None)


def _is_about_data(entry: Entry) -> bool:
    """A refused request is about no commit."""
    return entry.decision is not Decision.SKIPPED or not entry.request


def _last_that_ran(observed: Observed, last: Entry) -> Entry | None:
    """The run that speaks for the newest data.

    Content that was trained on already has its model. Any other skip says nothing
    of a model, so the run before it still counts.
    """
    if last.reason in UNCHANGED:
        return None
    ran = (e for e in observed.ledger.recent if e.decision in RUN_ENDS)
    return next(ran, observed.ledger.newest)
