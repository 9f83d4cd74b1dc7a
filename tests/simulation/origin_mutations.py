"""Mistakes about what a model is made of, and what is told of it; see `mutations`."""

from dataclasses import replace

from mnist_operator import (
    backlog,
    beginnings,
    lanes,
    newest_model,
    observer,
    outlet,
    outlet_pinned,
    outlet_plain,
    output_branch,
    performer,
    publisher,
    telling,
)
from simulation.rest_mutations import MUTATIONS, mutation

__all__ = ["MUTATIONS"]


class _Client:
    """A client that does something otherwise."""

    def __init__(self, client) -> None:
        self._client = client

    def __getattr__(self, name):
        return getattr(self._client, name)


class _Heir(_Client):
    """Clears nothing of what a commit inherits."""

    async def modify(self, repo, commit, changes):
        await self._client.modify(repo, commit, changes[1:])


class _Kind(_Client):
    """Finishes each commit without an error."""

    async def finish_commit(self, *arguments, error=None, **options):
        await self._client.finish_commit(*arguments, **options)


def _with_heir(patch, owner, name):
    method = getattr(owner, name)

    async def call(self, *arguments):
        client, self._client = self._client, _Heir(self._client)
        try:
            return await method(self, *arguments)
        finally:
            self._client = client

    patch.setattr(owner, name, call)


@mutation
def models_inherit(patch):
    """A model's commit keeps files of the one before it."""
    _with_heir(patch, publisher.Publisher, "_fill")


@mutation
def attempts_inherit(patch):
    """An attempt begins among what the one before it left in its slot."""
    _with_heir(patch, performer.Performer, "_prepare")


@mutation
def given_up_well(patch):
    """What an operator ends in place of its writer looks as if it were whole."""
    give_up = outlet.give_up

    async def given_up(client, commit, why):
        await give_up(_Kind(client), commit, why)

    for module in (outlet, outlet_plain, outlet_pinned, output_branch):
        patch.setattr(module, "give_up", given_up)


@mutation
def previous_is_the_parent(patch):
    """The model before is what stands below, a stranger's commit included."""

    async def parent(self, commit, ledger):
        return commit.parent or ""

    patch.setattr(publisher.Publisher, "_previous", parent)


@mutation
def no_fault_is_found(patch):
    """Whatever a trainer left behind is a model, if it ended well."""
    patch.setattr(publisher, "find_fault", lambda evidence: "")


@mutation
def requests_may_be_forged(patch):
    """What a run was asked for is read where its trainer may write."""
    patch.setattr(publisher, "is_request", lambda attempt, found: True)


@mutation
def not_indexed(patch):
    """pachd's metadata map says nothing of a model."""

    async def nothing(self, *_):
        """Leave it empty."""

    patch.setattr(publisher.Publisher, "_index", nothing)


def _start(patch, **changes):
    choose = beginnings._choose

    def chosen(asked, branch, source):
        start = choose(asked, branch, source)
        return replace(start, **changes) if start is not None else None

    patch.setattr(beginnings, "_choose", chosen)


@mutation
def begins_after_its_start(patch):
    """The commit that is named as the first one is left out."""
    _start(patch, inclusive=False)


@mutation
def start_without_its_time(patch):
    """Once the first commit is squashed, all that were before it are trained."""
    _start(patch, after=None)


@mutation
def parents_for_ever(patch):
    """What a head's parent was when it was read is taken for its parent."""

    async def below(client, repo, head, until):
        async for commit in client.history(repo, head.parent or "", until=until):
            yield commit

    patch.setattr(backlog, "_below", below)


@mutation
def warm_from_a_stranger(patch):
    """A run begins from whatever is shown on the output branch."""

    async def find(client, training, memory, head):
        is_warm = head is not None and training.spec.trainer.warm_start
        return head.id if is_warm else ""

    patch.setattr(observer, "find_newest_model", find)


@mutation
def warm_from_the_oldest(patch):
    """A run begins from the first model there ever was."""

    async def find(client, training, memory, head):
        if head is None or not training.spec.trainer.warm_start:
            return ""
        found = ""
        async for commit in client.history(head.repo, head.id):
            found = commit.id if newest_model._is_model(commit, training) else found
        return found

    patch.setattr(observer, "find_newest_model", find)


@mutation
def tried_again_from_another_model(patch):
    """A second attempt begins from another model than the first one did."""

    def newest(observed, task):
        is_warm = observed.training.spec.trainer.warm_start
        return observed.newest_model if is_warm else ""

    patch.setattr(lanes, "beginning", newest)


def _status(patch, change):
    sum_up = telling.summary.summarize

    def changed(observed, story, *, now):
        status = sum_up(observed, story, now=now)
        return status.model_copy(update=change(status))

    patch.setattr(telling.summary, "summarize", changed)


@mutation
def accuracy_forgotten(patch):
    """The status names a model without its accuracy."""
    _status(patch, lambda status: {"last_accuracy": ""})


@mutation
def runs_untold(patch):
    """The status names no run that is under way."""
    _status(patch, lambda status: {"active": []})


@mutation
def attempted_is_trained(patch):
    """The commit that was tried last is the one that the model is of."""
    _status(patch, lambda status: {"last_attempted_commit": status.last_trained_commit})
