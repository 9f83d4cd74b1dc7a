"""Whoever edits a spec, at whatever moment, gets what the last spec says."""

import logging
from dataclasses import replace
from random import Random

import pytest

from mnist_operator import familiar, runs, summary, turns
from simulation.eager import eager_gather
from simulation.walks.__main__ import take
from simulation.walks.admission import stored
from simulation.walks.edits import merge
from simulation.walks.ground import Ground
from simulation.walks.moments import push, rest, until
from simulation.walks.paths import MISTAKES, MOMENTS, make_walk
from simulation.walks.walking import end, listening, walk

_WALKS = 10
_TEETH = 40
"""So many walks find each mistake in the operator."""
_SPEC = stored({"attempts": {"limit": 2, "backoffSeconds": 0}})


@pytest.fixture(autouse=True)
def _quiet():
    """What a walk provokes is told to nobody; what is logged as error still counts."""
    before = logging.root.manager.disable
    yield
    logging.disable(before)


def test_a_walk_ends_where_its_last_spec_alone_would_have_led():
    edits, found = take(range(_WALKS))

    assert {} == found
    assert edits > _WALKS


def test_walks_edit_at_every_moment_and_make_mistakes():
    steps = [step for seed in range(60) for step in make_walk(seed).steps]

    assert set(MOMENTS) == {step.moment for step in steps}
    assert any("a mistake" in step.told for step in steps)
    assert any("and back" in step.told for step in steps)


def test_a_seed_is_the_same_walk_and_the_same_story():
    stories = []
    for _ in range(2):
        walk(make_walk(1), trace=(trace := []))
        stories.append(trace)

    assert stories[0] == stories[1] != []


# --- what only a run shows to be wrong ------------------------------------------------


@pytest.mark.parametrize(
    ("mistake", "field", "told"),
    [
        (MISTAKES[0], "startupDeadlineSeconds", "registry.example.com/absent:1"),
        (MISTAKES[1], "startupDeadlineSeconds", "Insufficient cpu"),
        (MISTAKES[2], "startupDeadlineSeconds", 'secret "absent-secret" not found'),
        (MISTAKES[3], "spec.trigger.startFrom", "ab" * 16),
    ],
    ids=["an-image", "more-than-any-node-has", "a-secret", "a-commit"],
)
def test_what_is_not_there_is_told_and_nothing_is_lost_when_it_is_taken_back(
    mistake, field, told
):
    world = Ground(Random(0))  # noqa: S311 (the same for each run)
    world.put(_SPEC)
    world.calm()
    with listening(world), eager_gather():
        world.start_process()
        push(world, "new", (0,))
        rest(world)
        world.put(stored(merge(_SPEC, mistake)))
        push(world, "new", (0,))
        until(world, lambda: told in world.condition("Ready").get("message", ""))
        seen = world.condition("Ready")["message"]
        rest(world)
        after = str(world.training.status)
        world.put(_SPEC)
        push(world, "new", (0,))
        rest(world)
        end(world)
    decided = [each.decision.value for each in world.entries()]

    assert told in seen
    assert told in after
    assert field in after
    assert len(decided) == 3
    assert ["Published", "Published"] == [decided[0], decided[2]]
    assert [] == world.audit.violations


# --- what the walks would find --------------------------------------------------------


def _first_spec_stays():
    known = {}
    read = familiar.parse_training

    def parse(body):
        found = read(body)
        spec = known.setdefault(found.uid, found.spec)
        return found.model_copy(update={"spec": spec})

    return familiar, "parse_training", parse


def _once_suspended_stays_so():
    gate, held = turns.find_gate, set()

    def find_gate(observed, now):
        training = observed.training
        if training.spec.suspend:
            held.add(training.uid)
        if training.uid not in held:
            return gate(observed, now)
        spec = training.spec.model_copy(update={"suspend": True})
        training = training.model_copy(update={"spec": spec})
        return gate(replace(observed, training=training), now)

    return turns, "find_gate", find_gate


def _trainer_of_the_first_run_stays():
    make, known = runs.run_spec, {}

    def run_spec(training, **options):
        made = make(training, **options)
        return known.setdefault(training.uid, made)

    return runs, "run_spec", run_spec


def _status_of_an_older_generation():
    show = summary.summarize

    def summarize(observed, story, *, now):
        status = show(observed, story, now=now)
        seen = min(status.observed_generation, 2)
        return status.model_copy(update={"observed_generation": seen})

    return summary, "summarize", summarize


@pytest.mark.parametrize(
    "mistake",
    [
        _first_spec_stays,
        _once_suspended_stays_so,
        _trainer_of_the_first_run_stays,
        _status_of_an_older_generation,
    ],
)
def test_an_operator_that_minds_what_a_spec_was_is_found_out(mistake, monkeypatch):
    logging.disable(logging.WARNING)
    monkeypatch.setattr(*mistake())

    assert any(walk(make_walk(seed)) for seed in range(_TEETH))
