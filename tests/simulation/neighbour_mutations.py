"""Mistakes that only show where two MnistTrainings live together; see `mutations`."""

from mnist_operator import (
    newest_model,
    observer,
    outlet,
    outlet_pinned,
    outlet_plain,
    output_readings,
    places,
)
from mnist_operator.commits import Branch
from mnist_operator.labels import OWN_LABEL
from mnist_operator.lineage import read_model
from mnist_operator.neighbours import Neighbours
from simulation.subtle_mutations import MUTATIONS, mutation

__all__ = ["MUTATIONS"]


@mutation
def rivals_ignored(patch):
    """Two publish on one output branch."""

    async def nobody(self, training):
        return ""

    patch.setattr(Neighbours, "rival_of", nobody)


@mutation
def rivals_for_ever(patch):
    """Whoever has yielded yields on, also when the other is gone."""
    rival_of, known = Neighbours.rival_of, {}

    async def remembered(self, training):
        found = await rival_of(self, training)
        key = id(self), training.uid
        known[key] = self, found or known.get(key, (self, ""))[1]
        return known[key][1]

    patch.setattr(Neighbours, "rival_of", remembered)


@mutation
def all_jobs_are_ours(patch):
    """TFJobs are listed by who made them, not by whose they are."""

    async def listed(self, training, memory):
        found = await self._kube.list_jobs(
            training.namespace, f"{OWN_LABEL}=mnist-operator"
        )
        metas = [body["metadata"] for body in found]
        memory.jobs = {m["name"]: m.get("resourceVersion", "") for m in metas}
        return found

    patch.setattr(observer.Observer, "_jobs", listed)


@mutation
def slots_shared(patch):
    """Slots are told apart by their number alone."""

    def slot(training, slot=0):
        return Branch(places.run_repo(training), f"{training.namespace}_{slot}")

    patch.setattr(places, "slot_branch", slot)


@mutation
def ledger_shared(patch):
    """All trainings of a run repo have one ledger."""

    def book(training):
        return Branch(places.run_repo(training), f"{training.namespace}_ledger")

    patch.setattr(places, "ledger_branch", book)


@mutation
def models_of_anybody(patch):
    """A model on the output branch is this training's own, whoever made it."""

    def anybodys(commit, training):
        return read_model(commit)

    for module in (newest_model, observer, outlet, outlet_pinned, outlet_plain):
        patch.setattr(module, "model_of", anybodys)
    patch.setattr(output_readings, "model_of", anybodys)


@mutation
def pins_shared(patch):
    """All trainings of an input repo pin their commits on one branch."""

    def pin(training, repo=None):
        place = repo or places.input_branch(training).repo
        return Branch(place, f"{training.namespace}_all_pin")

    patch.setattr(places, "pin_branch", pin)
