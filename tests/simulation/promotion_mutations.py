"""Mistakes about the production branch: who may move it, to what, and what is told."""

from dataclasses import replace

from mnist_operator import (
    performer,
    places,
    production_readings,
    promoter,
    promoting,
    promotion_status,
)
from mnist_operator.gate import Ruling
from mnist_operator.plan import Promote
from simulation.policy_mutations import swap_rung
from simulation.rare_mutations import MUTATIONS, mutation
from simulation.turn_mutations import change_for_rung

__all__ = ["MUTATIONS"]


def _blind(patch, change):
    """The rung sees another state of production than there is."""
    settle = promoting.settle

    def seeing(observed, now):
        production = observed.production
        if production is not None:
            production = change(production, observed)
        return settle(replace(observed, production=production), now)

    swap_rung(patch, settle, seeing)


def _with_verdict(candidate, **changes):
    if candidate is None or candidate.verdict is None:
        return candidate
    return replace(candidate, verdict=replace(candidate.verdict, **changes))


@mutation
def refused_is_promoted(patch):
    """Whatever the gate says, the newest model is promoted."""

    def passed(production, _):
        told = _with_verdict(production.candidate, ruling=Ruling.PASSED)
        return replace(production, candidate=told)

    _blind(patch, passed)


@mutation
def any_champion_will_do(patch):
    """It matters not with which model the newest one was compared."""

    def same(production, _):
        told = _with_verdict(production.candidate, champion=production.head)
        return replace(production, candidate=told)

    _blind(patch, same)


@mutation
def refused_on_request(patch):
    """Whoever asks for a model gets it, whatever the gate says."""

    def forced(production, _):
        request = production.request
        told = replace(request, forced="because") if request else None
        return replace(production, request=told)

    _blind(patch, forced)


@mutation
def force_is_ignored(patch):
    """Who insists is answered as everybody else."""

    def meek(production, _):
        request = production.request
        told = replace(request, forced="") if request else None
        return replace(production, request=told)

    _blind(patch, meek)


@mutation
def moves_are_not_found(patch):
    """What somebody else has put in production is not written down."""
    patch.setattr(promoting, "_record_move", lambda *_: None)


@mutation
def refusals_are_not_told(patch):
    """Nobody writes down why the newest model is not promoted."""
    patch.setattr(promoting, "_withhold", lambda *_: None)


@mutation
def manual_is_automatic(patch):
    """With mode Manual models are promoted all the same."""

    def hasty(spec):
        gate = spec.promotion
        if gate is not None:
            gate = gate.model_copy(update={"mode": "Automatic"})
        return {"promotion": gate}

    change_for_rung(patch, promoting.settle, hasty)


@mutation
def rollbacks_are_undone(patch):
    """The newest model is promoted again whenever it is not in production."""

    def is_automatic(observed, production, candidate):
        objection = promoting.find_objection(candidate, candidate.verdict.champion)
        return objection is None and candidate.commit != production.head

    def careful(observed, production, candidate):
        gate = observed.training.spec.gate
        if gate.mode != "Automatic" or candidate.verdict is None:
            return False
        return is_automatic(observed, production, candidate)

    patch.setattr(promoting, "_is_automatic", careful)


@mutation
def moves_are_answered_again(patch):
    """A request to move production is met whenever it is read."""
    find = production_readings._find_request

    async def forgetful(client, training, memory, ledger, head):
        known = replace(ledger, answered=frozenset())
        return await find(client, training, memory, known, head)

    patch.setattr(production_readings, "_find_request", forgetful)


@mutation
def told_before_it_is_moved(patch):
    """The line is there before the branch is moved."""
    perform = performer.Performer._write

    async def hasty(self, action):
        if isinstance(action, Promote):
            await self._record(action.entry)
            await promoter.promote(
                self._client, self._training, self._memory, action.entry
            )
        else:
            await perform(self, action)

    patch.setattr(performer.Performer, "_write", hasty)


@mutation
def one_back_is_the_line_before(patch):
    """A rollback leads to what was in production before the last move."""
    find = production_readings.find_target

    def last(kind, asked, head, ledger):
        if asked or kind == "Promote" or not ledger.moves:
            return find(kind, asked, head, ledger)
        return ledger.moves[0].previous

    patch.setattr(production_readings, "find_target", last)


@mutation
def verdicts_are_of_the_first(patch):
    """What the gate said of one model is taken for its word about all."""
    read = production_readings._read_verdict

    async def once(client, training, memory, commit):
        if memory.verdicts:
            return next(iter(memory.verdicts.values()))[0]
        return await read(client, training, memory, commit)

    patch.setattr(production_readings, "_read_verdict", once)


@mutation
def the_first_champion_stays(patch):
    """What new models are compared with is read once."""
    find = production_readings._find_trial

    async def once(client, training, memory, gate, head):
        if memory.champion is not None and head:
            head = memory.champion[0]
        return await find(client, training, memory, gate, head)

    patch.setattr(production_readings, "_find_trial", once)


@mutation
def production_is_what_the_ledger_says(patch):
    """The status tells of the last line, and not of the branch."""
    sum_up = promotion_status.sum_up_production

    def told(observed):
        said = sum_up(observed)
        if said is None or not observed.ledger.moves:
            return said
        before = observed.ledger.moves[0].previous
        return said.model_copy(update={"production_commit": before})

    patch.setattr("mnist_operator.summary.sum_up_production", told)


@mutation
def production_is_moved_by_name(patch):
    """A move that comes late names the model that it was to be then."""

    async def move(client, training, model):
        await client.create_branch(places.production_branch(training), model)

    patch.setattr(promoter, "_move", move)
