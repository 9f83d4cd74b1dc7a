"""With all faults off, everything settles; and what it settles to is right."""

import math

from mnist_operator.commits import CommitState
from simulation.fairness import find_untold
from simulation.gated import check_gate, let_all_go
from simulation.origins import check_index
from simulation.promoted import ABOUT_PRODUCTION, check_promotions
from simulation.promptness import has_enough, is_smooth, last_step
from simulation.records import check_records
from simulation.resting import check_news, check_rest, check_restart
from simulation.settled import (
    find_left_open,
    find_older,
    is_at_rest,
    is_held,
    running,
    slots,
    staged,
    yields,
)
from simulation.upkeep import find_overdue
from simulation.vain import find_vain
from unit.model_checks import (
    check_at_any_time,
    check_history_limits,
    check_newest,
    check_request,
    check_retrained,
    check_skips,
    check_status,
    is_open,
)
from unit.model_world import turn_of

__all__ = ["settle"]

_STEP = 40.0
_SOON = 30.0
_STEPS = 60
_WORDS = frozenset({"Latest", "Next", "Earliest"})
_RESTARTED, _RESTED, _LOOKED_AGAIN = 0.08, 0.09, 0.12
"""So many lives go on in each of these ways once they are at rest, all told."""
_NOTHING_HOLDS = {
    "suspend": False,
    "stopAfterFailures": 0,
    "trigger": {"minCommits": 1},
}


def settle(world, happenings):
    """Turn the faults off, wait until nothing is left to do, and look at the end."""
    _check_soon(world)
    _quieten(world, happenings)
    if any(tenant.reaching() for tenant in world.tenants):
        world.loop.run_until(world.loop.now + 2 * _STEP)
        for tenant in world.tenants:
            overdue = find_overdue(tenant)
            assert not overdue, overdue
            untold = find_untold(tenant)
            assert not untold, f"the status does not tell of {untold}"
    _settle_all(world)
    if _lets_go(world):
        held = let_all_go(world)
        _settle_all(world)
        assert not held & {*world.ledger().held}, "released, and held"
    _look_again(world)
    _hand_over(world)
    if not world.audit.violations and world.random.random() < 0.04:
        _check_deletion(world)


def _check_soon(world):
    """Where nothing went wrong, nothing is left to do a while after the last step."""
    if not world.processes or not is_smooth(world) or world.reaching():
        return
    if is_held(world):
        assert not has_enough(world), "enough commits are there, and none is trained"
        return
    patience = _SOON + 4.0 * world.training.spec.attempts.backoff_seconds
    head, since = world.head(), world.loop.now - last_step(world)
    writes = head is not None and head.state is CommitState.OPEN
    if since > patience and not writes and not is_open(world, world.outputs):
        assert is_at_rest(world), f"nothing goes on for {since:.0f} s"


def _look_again(world):
    """What is at rest stays so; and what comes then is seen, by whoever is there."""
    drawn = world.random.random()
    if world.audit.violations or drawn >= _LOOKED_AGAIN:
        return
    if drawn < _RESTARTED:
        check_restart(world)
    elif world.gate is None and len(world.tenants) == 1:
        if drawn < _RESTED:
            check_rest(world)
        else:
            check_news(world, is_at_rest)


def _lets_go(world):
    """Whether somebody releases all that is held in the end."""
    is_asked = world.gate is not None and world.random.random() < 0.3
    return is_asked and not world.audit.violations


def _settle_all(world):
    there = [each for each in world.tenants if each.training is not None]
    for _ in range(_STEPS):
        for tenant in there:
            for name in tenant.reaching():  # Nobody but a trainer ends them.
                tenant.end_job(name, 0)
        world.loop.run_until(world.loop.now + _STEP)
        if world.audit.violations or all(map(is_at_rest, there)):
            break
    if world.audit.violations:
        return
    for tenant in there:
        older = find_older(tenant)
        if older is None:
            _check(tenant)
        else:
            _check_yields(tenant, older)


def _hand_over(world):
    """Whoever yields takes over once the older one is gone."""
    older = {find_older(each) for each in world.tenants if each.training is not None}
    for each in older - {None}:
        if world.audit.violations:
            return
        world.tell_story(f"-- {each.name} is deleted for good")
        each.delete()
        _wait_until_gone(world)
        assert each.training is None, "it was deleted, and is still there"
        _settle_all(world)


def _check_yields(tenant, older):
    """It says to whom."""
    assert yields(tenant), tenant.training.status
    [stalled] = (
        e for e in tenant.training.status["conditions"] if e["type"] == "Stalled"
    )
    assert f"/{older.name}," in stalled["message"]


def _quieten(world, happenings):
    world.tell_story("-- faults off")
    world.behave()
    world.pace = 0.0
    for tenant in world.tenants:
        tenant.returns = False
    world.down = dict.fromkeys(world.down, 0.0)
    world.denied.clear()
    *others, last = [p for p in world.processes if p.alive] or [world.start_process()]
    for process in others:
        process.kill()
    last.recover()
    if world.story is not None:
        world.tell_story(f"-- only operator {last.number} goes on")
    _wait_until_gone(world)
    for tenant in world.tenants:
        assert not tenant.is_going, "it was deleted, and is still there"
        if tenant.training is None or is_held(tenant):
            tenant.apply(**_NOTHING_HOLDS)
    world.release_output()
    happenings.finish_head()
    world.look()


def _wait_until_gone(world):
    """Of an operator that stood still; what it is told next comes after all that."""
    for _ in range(_STEPS):
        world.loop.run_until(world.loop.now + 1.0)
        if not any(tenant.is_going for tenant in world.tenants):
            return
        world.loop.run_until(world.loop.now + _STEP)


def _check_deletion(world):
    """It comes to its end, also when pachd is gone for good."""
    world.tell_story("-- pachd is gone, and all are deleted")
    world.down["pachd"] = math.inf
    for tenant in world.tenants:
        tenant.delete()
    _wait_until_gone(world)
    left = [each.name for each in world.tenants if each.name in world.bodies]
    assert [] == left, "it was deleted, and is still there"


def _check(world):
    if world.promotions is not None:
        check_promotions(world)
    if world.gate is not None:
        check_gate(world)
        _check_closed(world)
        check_lines(world)
        return
    check_at_any_time(world)
    decisions = world.decisions()
    published = {
        turn for turn, said in decisions.items() if said[-1].decision == "Published"
    }
    decided, status = world.ledger().decided, world.training.status

    assert [] == [each.id for each in world.expected() if each.id not in decided]
    assert published == {turn_of(model) for model in world.models()}
    _check_closed(world)
    check_start(world)
    check_skips(world)
    check_index(world)
    check_lines(world)
    if not world.rewritten:
        check_newest(world)
    if len(world.tenants) == 1:
        check_history_limits(world)
    if world.training.spec.on_spec_change == "RetrainLatest" and not world.rewritten:
        check_retrained(world)
    check_request(world, status)
    check_status(world, status)


def _check_closed(world):
    assert [] == [slot for slot in slots(world) if is_open(world, slot)]
    assert not is_open(world, world.outputs)
    assert not is_open(world, staged(world))
    assert [] == find_left_open(world), "a commit of the output repo is left open"
    assert [] == world.kubernetes.labelled(running(world))
    if world.faults == 1 and world.orderly and not world.shared:
        assert [] == running(world), "a TFJob without its labels runs on"
    assert not find_vain(world), f"an attempt is begun in vain: {find_vain(world)}"
    check_records(world)


def check_lines(world):
    """Nothing is written down twice by one operator whose calls arrive."""
    if world.orderly and not world.shared:
        lines = [
            each
            for each in world.lines()
            if each and each.start is None and each.decision not in ABOUT_PRODUCTION
        ]
        told = [(each.commit, each.request, each.run, each.decision) for each in lines]
        assert len(told) == len(set(told)), world.tell()


def check_start(world):
    """What was there before the start is left alone, unless somebody asks for it."""
    start = world.ledger().start
    if start is not None:
        assert start.asked == world.training.spec.trigger.start_from, start
        _check_asked(world, start)
    if world.rewound or world.rewritten:
        return
    wanted = {each.id for each in world.expected()}
    assert [] == [
        each.commit
        for each in world.entries()
        if not each.request and each.commit not in wanted
    ], world.tell()


def _check_asked(world, start):
    """The beginning is the one that was asked for."""
    named = start.asked not in _WORDS
    wanted = start.asked if named else "" if start.asked == "Earliest" else None
    assert wanted in {None, start.commit}, start
    assert start.inclusive is (start.asked != "Next" or not start.commit), start
    first = world.pachyderm.commits.get(start.commit)
    assert first is None or start.after == first.started, start
