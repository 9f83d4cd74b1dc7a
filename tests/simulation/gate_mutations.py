"""Mistakes that only show where a data gate holds commits; see `mutations`."""

from dataclasses import replace

from mnist_operator import data_gate, lanes, ledger, observer
from mnist_operator.decisions import is_release
from simulation.neighbour_mutations import MUTATIONS, mutation

__all__ = ["MUTATIONS"]


@mutation
def gate_compares_with_the_parent(patch):
    """A commit is compared with the one before it, whatever became of that."""

    def pair(observed, base, commit):
        return commit.parent or base, commit.id, observed.training.spec.input.path

    find = data_gate.find

    def found(observed, commit):
        finding = find(observed, commit)
        if finding is None or not finding.base:
            return finding
        return replace(finding, base=commit.parent or finding.base)

    patch.setattr(data_gate, "_pair", pair)
    patch.setattr(data_gate, "find", found)


@mutation
def release_counts_for_another(patch):
    """An answer is for the oldest that is held, whichever commit it names."""
    held = data_gate._held

    def oldest(observed, annotation):
        return [*observed.ledger.held.values()][: len(held(observed, annotation))]

    patch.setattr(data_gate, "_held", oldest)


@mutation
def discarded_is_released(patch):
    """Whoever answers a hold releases the commit."""

    def release(observed, annotation):
        names = data_gate.RELEASE_COMMIT, data_gate.DISCARD_COMMIT
        found = [each for name in names for each in held(observed, name)]
        return found if annotation == data_gate.RELEASE_COMMIT else []

    held = data_gate._held
    patch.setattr(data_gate, "_held", release)


@mutation
def what_is_held_is_lost(patch):
    """A commit that is held counts as decided: its release comes too late."""
    take = ledger._Fold._take_gate

    def forget(self, entry):
        take(self, entry)
        if entry.decision == "Held":
            del self._held[entry.commit]
            self._sets["decided"].add(entry.commit)

    patch.setattr(ledger._Fold, "_take_gate", forget)


@mutation
def what_is_held_is_trained(patch):
    """The line is written, and the commit goes on through the gate."""
    pass_gate = data_gate.pass_gate

    def through(observed, commit, now):
        plan = pass_gate(observed, commit, now)
        finding = data_gate.find(observed, commit)
        is_held = finding is not None and finding.verdict == "Held"
        return finding if is_held and commit.id in observed.ledger.warned else plan

    patch.setattr(data_gate, "pass_gate", through)
    patch.setitem(
        data_gate._LINES, data_gate.GateVerdict.HELD, data_gate.Decision.WARNED
    )


@mutation
def held_before_its_turn(patch):
    """With Allow: what is to be held does not wait for older commits."""
    pass_gate = data_gate.pass_gate

    def hasty(observed, commit, now):
        alone = replace(observed.source, waiting=(commit,))
        return pass_gate(replace(observed, source=alone), commit, now)

    patch.setattr(data_gate, "pass_gate", hasty)


@mutation
def released_and_gone(patch):
    """What was squashed while it was held is waited for, once it is released."""
    find = observer.readings.find_request

    async def there(client, training, book, source):
        found = await find(client, training, book, source)
        is_gone = found is not None and found.commit is None
        return None if is_gone and is_release(found.text) else found

    patch.setattr(observer.readings, "find_request", there)


@mutation
def answers_for_the_head_alone(patch):
    """Nobody can answer for a hold once the branch has moved on."""
    held = data_gate._held

    def newest(observed, annotation):
        head = observed.source.head
        found = held(observed, annotation)
        return [each for each in found if head and each.commit == head.id]

    patch.setattr(data_gate, "_held", newest)


@mutation
def release_needs_no_room(patch):
    """What is released begins at once, whatever is under way."""
    free_slot = lanes.free_slot

    def free(observed, task):
        if task.request and is_release(task.request):
            wide = {"concurrency_policy": "Allow", "max_parallel": 5}
            spec = observed.training.spec.model_copy(update=wide)
            training = observed.training.model_copy(update={"spec": spec})
            observed = replace(observed, training=training)
        return free_slot(observed, task)

    patch.setattr(lanes, "free_slot", free)
