"""Mistakes that somebody could make in the operator; the simulator finds each.

Each is small, and the operator works with it as long as nothing goes wrong. What it
breaks is said beside it; that the simulator finds it within 2,000 seeds is a test.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from mnist_operator import (
    attempts,
    backlog,
    closing,
    familiar,
    follower,
    hub,
    lanes,
    ledger,
    observer,
    orders,
    outcomes,
    outlet_pinned,
    outlet_plain,
    performer,
    pods,
    publisher,
    runs,
)
from mnist_operator.commits import Commit, CommitState
from mnist_operator.decisions import failure_of
from mnist_operator.errors import UpstreamError
from mnist_operator.ledger import Bound
from mnist_operator.plan import CloseAttempt
from simulation import process

__all__ = ["MUTATIONS", "mutation"]

MUTATIONS: dict[str, Callable] = {}
"""By name: what applies it, given a pytest.MonkeyPatch."""


def mutation(apply):
    """Give it its place among them."""
    MUTATIONS[apply.__name__.strip("_")] = apply
    return apply


@mutation
def no_fence(patch):
    """An attempt counts as closed, and its job goes on writing.

    Its staging commit is finished only when something is published from it.
    """
    finish = closing.Closer.close

    async def close(self, action: CloseAttempt):
        client, self._client = self._client, _Unfinished(self._client)
        try:
            return await finish(self, action)
        finally:
            self._client = client

    patch.setattr(closing.Closer, "close", close)


class _Unfinished:
    def __init__(self, client) -> None:
        self._client = client

    def __getattr__(self, name):
        return getattr(self._client, name)

    async def finish_commit(self, *_, **__):
        """Leave it open."""


@mutation
def decision_before_effect(patch):
    """The ledger says Published before there is a model."""
    publish = performer.Performer._publish

    async def early(self, attempt):
        entry = runs_entry(attempt, self._now())
        await self._record(entry)
        await publish(self, attempt)

    patch.setattr(performer.Performer, "_publish", early)


def runs_entry(attempt, now):
    failed = failure_of(attempt, "", "", now=now)
    return replace(failed, decision="Published", output=attempt.staging)


@mutation
def name_without_the_attempt(patch):
    """Every attempt of a training has the same TFJob."""
    for module in (runs, attempts, closing, orders):
        if hasattr(module, "job_name"):
            patch.setattr(module, "job_name", _same_name)


def _same_name(training, staging):
    return f"{training}-run"


@mutation
def trusting_from(patch):
    """What ListCommit returns above the last known head is all new."""

    def bound(self, commit, *, is_head):
        return Bound.STOP if commit.id in self.settled else Bound.TAKE

    patch.setattr(ledger.Ledger, "bound", bound)


@mutation
def last_condition(patch):
    """A TFJob is what its last condition says."""
    read = familiar.read_job

    def last(body, pods):
        said = (body.get("status") or {}).get("conditions") or []
        return read(body | {"status": {"conditions": said[-1:]}}, pods)

    patch.setattr(familiar, "read_job", last)


@mutation
def no_look_for_a_twin(patch):
    """Whoever holds the output branch publishes, whatever is there already."""

    async def nothing(*_):
        return None

    patch.setattr(outlet_plain, "find_twin", nothing)
    patch.setattr(outlet_pinned, "find_twin", nothing)


@mutation
def out_of_turn(patch):
    """What is ready first is published first."""
    for module in (lanes, outcomes):
        patch.setattr(module.lanes if module is outcomes else module, "in_turn", _yes)


def _yes(*_):
    return True


@mutation
def stale_backlog(patch):
    """What waits is never read again: it may be finished, failed or gone by now."""

    async def nothing(self, client, head, window):
        return ""

    patch.setattr(backlog.Backlog, "_refresh", nothing)


@mutation
def no_resync(patch):
    """Only events wake it: what was not told is never found."""
    never = {"resync_seconds": 1e6, "full_resync_seconds": 1e6}
    patch.setattr(process, "SETTINGS", process.SETTINGS.model_copy(update=never))


@mutation
def gives_up_after_errors(patch):
    """What failed three times is not tried again."""

    def backoff(failures, *, lost_race=False):
        return 1.0 if failures < 3 else 1e6

    patch.setattr(follower, "backoff", backoff)


@mutation
def lines_count_twice(patch):
    """A line of the ledger counts, also when it repeats another."""
    patch.setattr(ledger._Fold, "_repeats", lambda self, entry: False)


@mutation
def finalizer_kept(patch):
    """Its daemon does not hear that a training is deleted."""
    follow = hub.Hub.follow

    async def deaf(self, namespace, name, stopped, uid="", body=None):
        await follow(self, namespace, name, asyncio.Event().wait, uid, body)

    patch.setattr(hub.Hub, "follow", deaf)


@mutation
def trains_on_the_branch(patch):
    """A job reads the branch, not the commit."""

    def name(commit, branch, repo, project):
        return f"{branch}.{repo}"

    patch.setattr(pods, "name_bucket", name)


@mutation
def finishing_is_finished(patch):
    """A commit that is being finished counts as finished."""
    state = Commit.state.fget

    def soon(self):
        found = state(self)
        hasty = found is CommitState.FINISHING and not self.error
        return CommitState.FINISHED if hasty else found

    patch.setattr(Commit, "state", property(soon))


@mutation
def adopts_any_open_commit(patch):
    """An open head on the output branch is taken for this run's own."""
    patch.setattr(outlet_pinned, "_fits", lambda commit, parent, source: True)


@mutation
def decided_goes_on(patch):
    """An attempt for a commit that is decided is not given up."""
    patch.setattr(lanes, "is_decided", lambda observed, attempt: False)


@mutation
def only_the_head(patch):
    """Of what was pushed between two looks, only the last commit is seen."""

    async def head_alone(self, client, branch, head, ledger):
        bound = ledger.bound(head, is_head=True)
        taken = {Bound.TAKE, Bound.TAKE_AND_STOP}
        return [head] if bound in taken else []

    patch.setattr(backlog.Backlog, "_walk", head_alone)


@mutation
def errors_are_failures(patch):
    """What pachd did not answer counts as a failure of the run."""
    publish = publisher.Publisher.publish

    async def once(self, attempt, ledger, *, now):
        try:
            return await publish(self, attempt, ledger, now=now)
        except UpstreamError as error:
            return failure_of(attempt, "PublishFailed", str(error), now=now)

    patch.setattr(publisher.Publisher, "publish", once)


@mutation
def shown_by_id(patch):
    """The output branch is moved to a model's commit, wherever it has got to."""

    async def show(self, commit):
        await self._client.create_branch(self._branch, commit.id)

    patch.setattr(outlet_pinned.PinnedOutlet, "show", show)


@mutation
def requests_repeat(patch):
    """A run by hand is started as long as its annotation is there."""
    find = observer.readings.find_request

    async def again(client, training, ledger, source):
        forgetful = replace(ledger, requests=frozenset())
        return await find(client, training, forgetful, source)

    patch.setattr(observer.readings, "find_request", again)
