"""The invariants of docs/architecture.md, checked whenever something has changed."""

import traceback
from datetime import timedelta
from functools import partial

from mnist_operator.commits import CommitState
from mnist_operator.outlet import GIVEN_UP
from simulation.fairness import find_injustice
from simulation.origins import check_origin
from unit.builders import NOW
from unit.model_checks import check_at_any_time

__all__ = ["BY_HAND", "Audit", "explain"]

BY_HAND = "by hand"
"""What strangers call their commits."""
_RACE_SECONDS = 10.0
"""So old may the look at the branch be on which a model is shown."""


class Audit:
    """Looks on from outside; knows nothing that an operator remembers."""

    def __init__(self, world, violations=None) -> None:
        self._world = world
        self._seen = None
        self._shown = None
        self._judged = 0
        self._told = frozenset()
        self.violations = [] if violations is None else violations
        """What was found broken, in words; the first one counts."""

    def remember(self):
        """What has been looked at so far, and was well."""
        return self._seen, self._shown, self._judged, self._told

    def recall(self, looked):
        """That is what was looked at."""
        self._seen, self._shown, self._judged, self._told = looked

    def look(self):
        """After each effect. It never raises: an operator would take it for its own."""
        world = self._world
        pachyderm = world.pachyderm
        heads = pachyderm.heads
        output = pachyderm.head_now(world.outputs)
        seen = heads.get(world.ledger_place), output and (output.id, output.state)
        if seen == self._seen:
            return
        self._seen = seen
        self.look_at(partial(self._check, output))

    def look_at(self, check):
        """One more check, which raises where something is broken."""
        try:
            check()
        except AssertionError as error:
            self.violations.append(explain(error))

    def _check(self, output):
        world = self._world
        (check_at_any_time if world.gate is None else check_gated)(world)
        self._check_origins()
        self._judge(world.entries())
        self._check_strangers(output)

    def _judge(self, entries):
        """Each line once, as soon as it is there."""
        judged, self._judged = self._judged, len(entries)
        for entry in entries[judged:]:
            found = find_injustice(self._world, entry)
            assert not found, found

    def _check_origins(self):
        """Of each model once, as soon as it is there: it is not changed any more."""
        models = self._world.models()
        if len(models) == len(self._told):
            return
        for model in models:
            if model.commit not in self._told:
                check_origin(self._world, model)
        self._told = frozenset(model.commit for model in models)

    def _check_strangers(self, output):
        """What somebody else commits on the output branch stays there.

        But pachd has no compare-and-swap: with Native provenance, who begins one just
        while a model is shown may find the branch moved away from it; and so it is
        with a call of then that arrives late (docs/provenance.md).
        """
        world = self._world
        before, self._shown = self._shown, output
        if before is None or before.description != BY_HAND:
            return
        commit = world.pachyderm.commits.get(before.id)
        assert commit is not None, "a stranger's commit is dropped"
        assert commit.description == BY_HAND, "a stranger's commit is taken"
        assert not commit.error.startswith(GIVEN_UP), "a stranger's commit is ended"
        shown = world.pachyderm.ancestry(output.id if output else None)
        age = (world.turns.now - commit.started).total_seconds()
        came_late = world.came_late == ("create_branch", world.loop.now)
        if commit.id not in {each.id for each in shown} and not came_late:
            moment = NOW + timedelta(seconds=world.looked_at)
            is_race = commit.state is CommitState.OPEN or commit.started >= moment
            assert is_race, "a stranger's commit is lost"
            assert age <= _RACE_SECONDS, "a stranger's commit is lost"


def check_gated(world):
    """The same, where commits may be held."""
    world.gate.check()


def explain(error):
    """An assertion that failed: which one, and what it says."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    text = str(error).strip()
    return f"{frame.name}: {frame.line}" + (f"\n{text}" if text else "")
