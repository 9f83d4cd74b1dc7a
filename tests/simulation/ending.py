"""With all faults off, everything settles; and what it settles to is right."""

import math

from mnist_operator.commits import Branch
from mnist_operator.resource import MAX_PARALLEL
from simulation.gated import check_gate, is_at_rest, let_all_go
from simulation.records import check_records
from simulation.resting import check_news, check_rest, check_restart
from simulation.restraint import find_overdue
from simulation.trespass import age_of
from simulation.world import NAMESPACE
from unit.model_checks import (
    check_at_any_time,
    check_history_limits,
    check_newest,
    check_request,
    check_skips,
    check_status,
    is_asked_commit_open,
    is_open,
)
from unit.model_world import turn_of

__all__ = ["settle"]

_SLOTS = range(MAX_PARALLEL)
_STEP = 40.0
_STEPS = 60
_RESTARTED, _RESTED, _LOOKED_AGAIN = 0.08, 0.09, 0.12
"""So many lives go on in each of these ways once they are at rest, all told."""
_NOTHING_HOLDS = {
    "suspend": False,
    "stopAfterFailures": 0,
    "trigger": {"minCommits": 1},
}


def settle(world, happenings):
    """Turn the faults off, wait until nothing is left to do, and look at the end."""
    _quieten(world, happenings)
    if any(tenant.reaching() for tenant in world.tenants):
        world.loop.run_until(world.loop.now + 2 * _STEP)
        for tenant in world.tenants:
            overdue = find_overdue(tenant)
            assert not overdue, overdue
    _settle_all(world)
    if _lets_go(world):
        held = let_all_go(world)
        _settle_all(world)
        assert not held & {*world.ledger().held}, "released, and held"
    _look_again(world)
    _hand_over(world)
    if not world.audit.violations and world.random.random() < 0.04:
        _check_deletion(world)


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
            check_news(world, _is_at_rest)


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
        if world.audit.violations or all(map(_is_at_rest, there)):
            break
    if world.audit.violations:
        return
    for tenant in there:
        older = find_older(tenant)
        if older is None:
            _check(tenant)
        else:
            _check_yields(tenant, older)


def find_older(tenant):
    """The oldest other one on its output branch, if that is older."""
    ages = sorted(
        (age_of(each.bodies[each.name]), each.name)
        for each in tenant.tenants
        if each.training is not None and each.outputs == tenant.outputs
    )
    oldest = ages[0][1]
    return None if oldest == tenant.name else tenant.tenant_of(oldest)


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


def _is_at_rest(tenant):
    if find_older(tenant) is not None:
        return _yields(tenant)
    return _is_settled(tenant) and not _yields(tenant)


def _yields(tenant):
    if tenant.training.status.get("observedGeneration") != tenant.generation:
        return False
    said = {each["type"]: each for each in tenant.training.status.get("conditions", ())}
    stalled = said.get("Stalled", {})
    return (stalled.get("status"), stalled.get("reason")) == ("True", "OutputTaken")


def _check_yields(tenant, older):
    """It says to whom."""
    assert _yields(tenant), tenant.training.status
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
    *others, last = [p for p in world.processes if p.alive] or [world.start_process()]
    for process in others:
        process.kill()
    last.recover()
    if world.story is not None:
        world.tell_story(f"-- only operator {last.number} goes on")
    _wait_until_gone(world)
    for tenant in world.tenants:
        assert not tenant.is_going, "it was deleted, and is still there"
        if tenant.training is None or _is_held(tenant):
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


def _is_held(world):
    """Whether something in the spec keeps commits waiting, or soon may."""
    spec = world.training.spec
    wanted = spec.suspend or spec.trigger.min_commits > 1
    return wanted or bool(world.spec.get("stopAfterFailures"))


def _is_settled(world):
    if world.is_going or _running(world):
        return False
    if any(is_open(world, each) for each in (*_slots(world), _staged(world))):
        return False
    return not is_open(world, world.outputs) and _is_decided(world) and _says_so(world)


def _is_decided(world):
    if world.gate is not None:
        return is_at_rest(world)
    decided = world.ledger().decided
    return all(each.id in decided for each in world.expected())


def _says_so(world):
    """Whether the status is that of a training that has nothing to do."""
    status, asked = world.training.status, world.training.requested_at
    if status.get("pendingCommits") and world.gate is None:
        return False
    # Who was created anew, and is asked for nothing, still tells of the last one.
    answered = not asked or asked == status.get("lastHandledRequestAt", "")
    if not answered and not is_asked_commit_open(world):
        return False
    conditions = {each["type"]: each for each in status.get("conditions", ())}
    if conditions.get("Reconciling", {}).get("status") != "False":
        return False
    return status["observedGeneration"] == world.generation


def _check(world):
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
    check_lines(world)
    if not world.rewritten:
        check_newest(world)
    if len(world.tenants) == 1:
        check_history_limits(world)
    check_request(world, status)
    check_status(world, status)


def _check_closed(world):
    assert [] == [slot for slot in _slots(world) if is_open(world, slot)]
    assert not is_open(world, world.outputs)
    assert not is_open(world, _staged(world))
    assert [] == world.kubernetes.labelled(_running(world))
    check_records(world)


def _slots(world):
    there = world.pachyderm.heads
    named = [Branch(world.runs, f"{NAMESPACE}_{world.name}_{n}") for n in _SLOTS]
    return [each for each in named if each in there]


def _staged(world):
    return Branch(world.outputs.repo, f"{NAMESPACE}_{world.name}_staged")


def _running(world):
    """The TFJobs of this training that have not ended."""
    running = world.kubernetes.running()
    return [name for name in running if name.rpartition("-")[0] == world.name]


def check_lines(world):
    """Nothing is written down twice by one operator whose calls arrive."""
    if world.orderly and not world.shared:
        lines = [each for each in world.lines() if each and each.start is None]
        told = [(each.commit, each.request, each.run, each.decision) for each in lines]
        assert len(told) == len(set(told)), world.tell()


def check_start(world):
    """What was there before the start is left alone, unless somebody asks for it."""
    if world.rewound or world.rewritten:
        return
    wanted = {each.id for each in world.expected()}
    assert [] == [
        each.commit
        for each in world.entries()
        if not each.request and each.commit not in wanted
    ], world.tell()
