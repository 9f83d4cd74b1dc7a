"""Mistakes about what a policy of the spec asks for; see `mutations` and `tales`."""

from dataclasses import replace
from datetime import timedelta

from mnist_operator import backlog, openings, performer, reconcile, turns, upkeep
from mnist_operator.commits import CommitState
from mnist_operator.ledger import Bound
from mnist_operator.plan import OwnJob
from simulation.gate_mutations import MUTATIONS, mutation

__all__ = ["MUTATIONS", "swap_rung"]


def swap_rung(patch, old, new):
    """Another rung in its place, among the first ones or on the ladder."""
    for name in ("_FIRST", "_LADDER"):
        rungs = tuple(new if e is old else e for e in getattr(reconcile, name))
        patch.setattr(reconcile, name, rungs)


@mutation
def debounce_ignored(patch):
    """A run begins while pushes follow one another."""
    patch.setattr(turns, "_find_noise", lambda observed, now: None)


@mutation
def debounce_by_the_oldest(patch):
    """The branch counts as quiet once the commit that is next has been so."""
    noise = turns._find_noise

    def oldest(observed, now):
        source = replace(observed.source, waiting=observed.source.waiting[:1])
        return noise(replace(observed, source=source), now)

    patch.setattr(turns, "_find_noise", oldest)


@mutation
def min_commits_ignored(patch):
    """A run begins for fewer commits than it is to wait for."""
    patch.setattr(turns, "_find_shortage", lambda observed: None)


@mutation
def failures_stop_nothing(patch):
    """However many failed in a row, the next one is tried."""
    patch.setattr(turns, "is_stopped", lambda observed: False)


@mutation
def expired_by_its_start(patch):
    """A commit's time runs from its first byte, not from its last."""

    def expired(observed, commit, now):
        seconds = observed.training.spec.starting_deadline_seconds
        if seconds is None or commit.finished is None:
            return False
        return now > commit.started + timedelta(seconds=seconds)

    patch.setattr(turns, "is_expired", expired)


@mutation
def nothing_expires(patch):
    """A commit waits for as long as it takes."""
    patch.setattr(turns, "is_expired", lambda observed, commit, now: False)


@mutation
def expired_while_it_runs(patch):
    """What is being trained is passed over when its time to begin is over."""
    pass_over = openings._pass_over

    def over(observed, commits, newest, now):
        idle = replace(observed, attempts=())
        return pass_over(idle, commits, newest, now)

    patch.setattr(openings, "_pass_over", over)


@mutation
def superseded_by_an_open_one(patch):
    """With LatestOnly a commit makes way for one that may never be finished."""

    def newest(observed):
        usable = (CommitState.OPEN, CommitState.FINISHING, CommitState.FINISHED)
        waiting = reversed(observed.source.waiting)
        return next((each for each in waiting if each.state in usable), None)

    patch.setattr(turns, "newest_finished", newest)


@mutation
def superseded_by_a_faulty_one(patch):
    """With LatestOnly a commit makes way for one that cannot be trained."""

    def newest(observed):
        waiting = reversed(observed.source.waiting)
        return next((each for each in waiting if each.finished), None)

    patch.setattr(turns, "newest_finished", newest)


@mutation
def unchanged_for_another_trainer(patch):
    """A commit is like what was trained, whatever trained that."""

    def base(observed, commit):
        model = observed.ledger.published
        return model.commit if model else ""

    patch.setattr(turns, "_base", base)


@mutation
def refused_while_it_is_open(patch):
    """A run by hand is refused where its commit is not finished yet."""
    answer = openings.answer_request

    def hasty(observed, now):
        request = observed.request
        commit = request.commit if request is not None else None
        if commit is None or commit.state is CommitState.FINISHED:
            return answer(observed, now)
        return openings._refuse(observed, request, now)

    swap_rung(patch, answer, hasty)


def _own(patch, *, owned):
    """Every TFJob is its MnistTraining's, or none is, whatever the spec says."""
    order, tidy = performer.order_job, upkeep.tidy

    def ordered(*arguments, **options):
        return replace(order(*arguments, **options), owned=owned)

    def tidied(observed, now):
        plan = tidy(observed, now)
        actions = plan.actions if plan is not None else ()
        left = tuple(each for each in actions if not isinstance(each, OwnJob))
        return replace(plan, actions=left) if left else None

    patch.setattr(performer, "order_job", ordered)
    swap_rung(patch, tidy, tidied)


@mutation
def orphans_go_as_well(patch):
    """A run goes with its MnistTraining, also when it is to stay."""
    _own(patch, owned=True)


@mutation
def nobody_cancels(patch):
    """A run stays when its MnistTraining goes, also when it is to go."""
    _own(patch, owned=False)


@mutation
def one_run_too_few(patch):
    """One TFJob fewer is kept than the limit says."""
    beyond = upkeep._beyond

    def more(jobs, limit):
        return beyond(jobs, max(limit - 1, 0))

    patch.setattr(upkeep, "_beyond", more)


@mutation
def the_newest_run_is_let_go(patch):
    """The oldest TFJobs are kept, not the newest."""

    def newest(jobs, limit):
        return [each for each in jobs[limit:] if not each.deleting]

    patch.setattr(upkeep, "_beyond", newest)


@mutation
def off_the_branch(patch):
    """What waits goes on to wait, also when the branch has gone another way."""
    walk = backlog.Backlog._walk

    async def kept(self, client, branch, head, ledger):
        bound = ledger.bound(head, is_head=True)
        if head.parent in self._known() and bound is Bound.TAKE:
            return [*self._commits, head]
        return await walk(self, client, branch, head, ledger)

    patch.setattr(backlog.Backlog, "_walk", kept)


@mutation
def another_start_changes_nothing(patch):
    """What waits is not read anew when the spec asks for earlier commits."""
    look = backlog.Backlog.look

    async def as_before(self, client, branch, head, ledger, *, window=1):
        if self._start is not None:
            self._start = ledger.start
        return await look(self, client, branch, head, ledger, window=window)

    patch.setattr(backlog.Backlog, "look", as_before)


@mutation
def unprepared_is_started(patch):
    """A TFJob begins in a commit that a call under way may still clear."""

    async def taken_for_granted(self, attempt):
        return True

    patch.setattr(performer.Performer, "_is_prepared", taken_for_granted)
