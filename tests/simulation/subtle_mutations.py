"""Mistakes that read well: off by one, too early, forgotten; see `mutations`.

Most of them lose nothing and repeat nothing at first sight; what they break is said
beside each.
"""

from dataclasses import replace
from datetime import timedelta

from mnist_operator import (
    attempts,
    failures,
    follower,
    lanes,
    observer,
    openings,
    outcomes,
    performer,
    telling,
    turns,
)
from mnist_operator.runs import Outcome, Verdict
from simulation import pachd
from simulation.more_mutations import MUTATIONS, mutation

__all__ = ["MUTATIONS"]


@mutation
def deadline_by_another_clock(patch):
    """A run's time counts from the push of its commit, not from its TFJob."""
    with_job = attempts._with_job

    def hasty(observed, attempt, job, now):
        commit = observed.inputs.get(attempt.commit)
        began = job.created - timedelta(seconds=50) if commit else job.created
        return with_job(observed, attempt, replace(job, created=began), now)

    patch.setattr(attempts, "_with_job", hasty)


@mutation
def request_forgotten_after_a_crash(patch):
    """A request that was there when the operator started counts as answered."""
    find, first = observer.readings.find_request, {}

    async def later(client, training, ledger, source):
        known = first.setdefault(id(client), (client, training.requested_at))
        if known[1] == training.requested_at:
            return None
        return await find(client, training, ledger, source)

    patch.setattr(observer.readings, "find_request", later)


@mutation
def errors_of_commits_ignored(patch):
    """A commit that was finished with an error counts as whole."""

    def whole(method):
        async def read(self, *arguments, **options):
            found = await method(self, *arguments, **options)
            return replace(found, error="") if found and found.finished else found

        return read

    for name in ("head", "commit"):
        patch.setattr(pachd.Client, name, whole(getattr(pachd.Client, name)))


@mutation
def one_attempt_too_many(patch):
    """attempts.limit is the number of those that follow the first."""

    def again(observed, attempt):
        limit = observed.training.spec.attempts.limit
        retryable = attempt.outcome is not None and attempt.outcome.retryable
        return retryable and attempt.number <= limit

    patch.setattr(lanes, "may_retry", again)


@mutation
def one_attempt_too_few(patch):
    """The last attempt of those that are allowed is never made."""

    def again(observed, attempt):
        limit = observed.training.spec.attempts.limit
        retryable = attempt.outcome is not None and attempt.outcome.retryable
        return retryable and attempt.number < limit - 1

    patch.setattr(lanes, "may_retry", again)


@mutation
def killed_is_final(patch):
    """A trainer that was killed is not tried again."""

    def final(reason, message, code, *, listed):
        word = reason or "TrainerFailed"
        return Outcome(Verdict.FAILED, word, message, listed, code)

    patch.setattr(attempts, "exited", final)
    patch.setattr(failures, "exited", final)


@mutation
def replaced_before_the_fence(patch):
    """With Replace the next run begins while the one before can still write."""

    slot, successor = lanes.free_slot, turns.find_successor

    def none_while_it_runs(observed, attempt, now):
        return None if attempt.is_open else successor(observed, attempt, now)

    def free(observed, task):
        if observed.training.spec.concurrency_policy != "Replace":
            return slot(observed, task)
        open_ones = [each.slot for each in lanes.live(observed) if each.is_open]
        served = any(lanes._serves(each, task) for each in lanes.live(observed))
        return None if served or len(open_ones) > 1 else 1 - min([1, *open_ones])

    patch.setattr(lanes, "free_slot", free)
    patch.setattr(turns, "find_successor", none_while_it_runs)


@mutation
def skips_are_written_twice(patch):
    """A commit that is passed over has two lines in the ledger."""
    record = performer.Performer._record

    async def twice(self, *entries):
        skipped = [each for each in entries if each.decision == "Skipped"]
        await record(self, *entries, *skipped)

    patch.setattr(performer.Performer, "_record", twice)


@mutation
def compared_with_the_parent(patch):
    """A commit is unchanged if it is like its parent, whatever became of that."""

    def parent(observed, commit):
        return commit.parent or ""

    patch.setattr(turns, "_base", parent)


@mutation
def the_newest_is_passed_over(patch):
    """With LatestOnly the head is superseded by the one before it."""

    def passed(observed, newest, now):
        waiting = observed.source.waiting
        if newest is None or len(waiting) < 2 or newest.id != waiting[-1].id:
            return overtake(observed, newest, now)
        entry = openings._superseded(observed, newest, waiting[-2], now)
        return openings._do(openings.Record((entry,)), openings.Reason.TRAINING, "")

    overtake = openings._overtake
    patch.setattr(openings, "_overtake", passed)


@mutation
def suspension_forgotten_after_a_crash(patch):
    """An operator that has just started does not know that it is suspended."""
    step = follower.Follower._step

    async def first(self, training):
        if not vars(self).setdefault("_has_begun", []):
            spec = training.spec.model_copy(update={"suspend": False})
            training = training.model_copy(update={"spec": spec})
        seconds = await step(self, training)
        if seconds is not None:
            self._has_begun.append(True)
        return seconds

    patch.setattr(follower.Follower, "_step", first)


@mutation
def goes_only_with_pachd(patch):
    """A training that is deleted goes once pachd has answered."""
    close = follower.BranchWatch.close

    async def ask(self):
        self.last = self._output or getattr(self, "last", None)
        await close(self)
        if self.last is None:
            return True
        client, branch = self.last
        while True:
            try:
                return await client.branch_head_id(branch)
            except follower.OperatorError:
                await follower.asyncio.sleep(1)

    patch.setattr(follower.BranchWatch, "close", ask)


@mutation
def status_before_the_effect(patch):
    """The status names a model when it is about to be published."""
    sum_up = telling.summary.summarize

    def early(observed, story, *, now):
        status = sum_up(observed, story, now=now)
        if story.reason != "Publishing":
            return status
        commit = next((e.commit for e in lanes.live(observed)), "")
        update = {"last_trained_commit": commit, "last_model_commit": commit}
        return status.model_copy(update=update)

    patch.setattr(telling.summary, "summarize", early)


@mutation
def no_backoff(patch):
    """A failed attempt is followed by another at once."""

    def at_once(observed, attempt):
        return attempt.closed or attempt.opened

    patch.setattr(outcomes, "retry_at", at_once)
