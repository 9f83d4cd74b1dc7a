"""Mistakes that show only in what chance hardly brings about; see `rare_tales`."""

import hashlib
from dataclasses import replace

from mnist_operator import (
    backlog,
    beginnings,
    data_gate,
    finishing,
    lanes,
    observer,
    outcomes,
    outlet,
    outlet_pinned,
    outlet_plain,
    output_branch,
    publisher,
    readings,
)
from mnist_operator.commits import CommitState
from mnist_operator.errors import ConflictError
from mnist_operator.evidence import HashedFile
from mnist_operator.ledger import Bound
from mnist_operator.lineage import model_of
from simulation.job_mutations import MUTATIONS, mutation
from simulation.pachd import Client

__all__ = ["MUTATIONS"]


@mutation
def nothing_to_begin_on(patch):
    """The first model was faulty, and the next one finds no place to begin."""
    create = Client.create_branch

    async def mute(self, branch, head=None, *, provenance=()):
        if head is not None or provenance:
            await create(self, branch, head, provenance=provenance)

    patch.setattr(Client, "create_branch", mute)


@mutation
def a_strangers_head_is_ended(patch):
    """Whoever writes on the output branch by hand finds the commit gone."""

    async def base(self, staged):
        shown = await self._client.head(self._branch)
        if shown is None or shown.state is not CommitState.OPEN:
            return shown
        await outlet.give_up(self._client, shown, "abandoned by a later run")
        raise ConflictError("pachd", "CreateBranch", "once more")

    patch.setattr(outlet_pinned.PinnedOutlet, "_base", base)


@mutation
def orphans_stay(patch):
    """A commit that a late call has opened in the output repo stays open."""

    async def find(client, training, output, attempts, ledger):
        return ""

    patch.setattr(observer, "find_orphan", find)


@mutation
def orphans_of_the_branch_stay(patch):
    """One that it has opened on the output branch itself does."""
    find = observer.find_orphan

    async def beside(client, training, output, attempts, ledger):
        found = await find(client, training, output, attempts, ledger)
        return "" if output is not None and found == output.id else found

    patch.setattr(observer, "find_orphan", beside)


@mutation
def success_is_hidden(patch):
    """What another operator opens above it, unseen, takes its place."""

    async def find(client, training, memory, attempts, ledger):
        return ()

    patch.setattr(observer, "find_hidden", find)


@mutation
def newer_models_make_way(patch):
    """Whoever looks late at what it has shown takes the next model off the branch."""
    sees = output_branch.OutputBranch._sees

    async def back(self, commit):
        shown = await self._client.head(self._branch)
        if shown is not None and shown.parent == commit.id:
            await self._client.create_branch(self._branch, commit.id)
        return await sees(self, commit)

    patch.setattr(output_branch.OutputBranch, "_sees", back)


@mutation
def start_never_moves(patch):
    """Another start waits for a run that has been decided."""

    def patient(observed, attempt):
        return not attempt.request

    patch.setattr(beginnings, "_is_about", patient)


@mutation
def wrong_digests(patch):
    """The record has the digest of nothing for a file that was read before."""
    digest = publisher.Publisher._hash

    async def careless(self, attempt, item, content):
        if content is None:
            return await digest(self, attempt, item, content)
        return HashedFile(item.path, item.size, hashlib.sha256(b"").hexdigest())

    patch.setattr(publisher.Publisher, "_hash", careless)


@mutation
def previous_may_be_faulty(patch):
    """The model before this one is one that pachd has found fault with."""

    async def newest(self, commit, ledger):
        if commit.parent is None:
            return ""
        async for older in self._client.history(commit.repo, commit.parent):
            if model_of(older, self._training.key) is not None:
                return older.id
        return ""

    patch.setattr(publisher.Publisher, "_previous", newest)


@mutation
def only_the_oldest_is_kept(patch):
    """Of those that wait, all but one are forgotten when several come at once."""
    listed = backlog.Backlog._list

    async def forget(self, client, branch, head, ledger, fresh):
        self._commits = self._commits[:1]
        return await listed(self, client, branch, head, ledger, fresh)

    patch.setattr(backlog.Backlog, "_list", forget)


@mutation
def next_is_this_one(patch):
    """Where the beginning is what comes next, what was there is trained as well."""
    bound = backlog.Ledger.bound

    def careless(self, commit, *, is_head):
        found = bound(self, commit, is_head=is_head)
        if found is Bound.STOP and self.is_open(commit.id) and not is_head:
            return Bound.TAKE_AND_STOP
        return found

    patch.setattr(backlog.Ledger, "bound", careless)


@mutation
def way_is_made_in_doubt(patch):
    """A run makes way for a commit that is held then."""
    patch.setattr(data_gate, "is_in_doubt", lambda observed, commit: False)


def _give_up(patch, give_up):
    for module in (outlet, outlet_plain, outlet_pinned, output_branch):
        patch.setattr(module, "give_up", give_up)


@mutation
def given_up_unfinished(patch):
    """What is given up is taken away, and a late call may still fill it."""

    async def drop(client, commit, why):
        await client.drop_commit(commit.repo, commit.id)

    _give_up(patch, drop)


@mutation
def given_up_without_a_word(patch):
    """What is given up is finished as if it were whole."""

    async def finish(client, commit, why):
        await client.finish_commit(commit.repo, commit.id)

    _give_up(patch, finish)


@mutation
def skips_what_others_left(patch):
    """Of a branch that went back and on, a commit that waits is forgotten."""
    listed = backlog.Backlog._list

    async def forget(self, client, branch, head, ledger, fresh):
        before = {each.id for each in self._commits}
        found = await listed(self, client, branch, head, ledger, fresh)
        below = [each for each in found if each.id in before]
        moved = head.parent != self._head and len(below) < len(before)
        return [e for e in found if not (moved and below and e.id == below[-1].id)]

    patch.setattr(backlog.Backlog, "_list", forget)


@mutation
def failures_of_no_spec(patch):
    """A failure does not say with which trainer, and is tried again with the same."""
    failure = outcomes.failure_of

    def unnamed(attempt, reason, message, *, now):
        return replace(failure(attempt, reason, message, now=now), spec="")

    patch.setattr(outcomes, "failure_of", unnamed)


@mutation
def request_for_nothing(patch):
    """A request that names no commit is refused, whatever is there."""

    async def find(client, repo, head):
        return None

    patch.setattr(readings, "newest_finished", find)


@mutation
def nobody_looks_behind_the_head(patch):
    """Of a commit that is finished behind the head is heard a minute later."""
    patch.setattr(finishing, "find_glance", lambda observed, now: None)


@mutation
def all_is_in_order(patch):
    """A commit below one that ended while their branch was away is forgotten."""
    patch.setattr(lanes, "in_order", lambda observed, entries: list(entries))
