"""One operator that lives for weeks of simulated time, with faults; does it grow?

`python -m simulation.soak --commits 5000 --weeks 4`. All kinds of happenings but
kills, and other MnistTrainings that come and go. Now and then all comes to rest, and
what the process holds then is compared: soon after the start, and at the end.
"""

import argparse
import asyncio
import gc
import logging
import sys
import tracemalloc
from pathlib import Path
from random import Random
from random import seed as seed_all

import mnist_operator.hub
from mnist_operator.commits import CommitState
from simulation.eager import eager_gather
from simulation.ending import settle
from simulation.guests import GUESTS, SoakedWorld
from simulation.happenings import Happenings
from simulation.schedule import ACCIDENTS, draw_push
from soak.holdings import BYTES, count_holdings
from soak.tables import show
from soak.verdict import Tolerance, compare

__all__ = ["TOLERANCES", "soak"]

_RESTS = 20
_STEP, _STEPS = 40.0, 90
_QUIET_SECONDS = 600.0
"""A process that was stopped hears of things up to 400 s later; and what it was not
told of, it finds in a round, of which there are three in the rest of that."""
_WEEK = 7 * 86400.0
_NEVER = {"kill", "kill_more", "join"}
_PACKAGE = str(Path(mnist_operator.hub.__file__).parent / "*")
_NOTHING_HOLDS = {
    "suspend": False,
    "stopAfterFailures": 0,
    "trigger": {"minCommits": 1},
}
_ID = Tolerance(more=2, each=1.1)
"""The ledger's sets know each decision: by its commit, its run, or its request."""
TOLERANCES = {
    # A commit's ID, a run's ID and a digest of the spec, each read from the ledger,
    # in up to four sets that double their room when it is used up.
    "kB in all": Tolerance(share=0.05, more=60, each=0.6),
    "kB allocated by the operator": Tolerance(share=0.05, more=60, each=0.6),
    "tasks": Tolerance(more=3),
    "of asyncio, ready and timers": Tolerance(share=0.25, more=50),
    # What comes and goes with the runs and commits that wait.
    "in *": Tolerance(share=0.25, more=20),
    "in Memory.created": Tolerance(more=5),
    "in Memory.prepared": Tolerance(more=5),
    # The guests are suspended: what is pushed while they are there, waits.
    "in Backlog.*": Tolerance(share=0.25, more=100),
    "in Commit*": Tolerance(share=0.25, more=100),
    "in Follower": Tolerance(),
    "in Hub.*": Tolerance(),
    "in Neighbours.*": Tolerance(),
    "in feeds, watches": Tolerance(),
    "in kopf, daemons": Tolerance(),
    "in Ledger.*": _ID,
}


def soak(commits, weeks, seed):
    """Let it live; returns what was sampled at each rest, and what was violated."""
    seed_all(seed)  # The operator's own jitter.
    random = Random(seed)  # noqa: S311 (to be had again)
    world = SoakedWorld(random)
    happenings = Happenings(world)
    process = world.start_process()
    for _ in range(GUESTS):
        world.invite()
    samples = []
    gc.collect()
    gc.freeze()  # What was imported stays, and need not be looked through.
    with eager_gather():
        for _ in range(_RESTS):
            _live(world, happenings, commits // _RESTS, weeks * _WEEK / commits)
            _rest(world, happenings)
            samples.append(_sample(world, process))
        settle(world, happenings)
        world.audit.check()
    for each in world.processes:
        each.kill()
    world.loop.run_until(world.loop.now)
    return samples, world.audit.violations, world


def _live(world, happenings, commits, seconds):
    """So many commits, so many seconds apart; with something else beside each."""
    random, (process,) = world.random, world.processes
    kinds = sorted(ACCIDENTS.keys() - _NEVER)
    for _ in range(commits):
        if not process.due:
            process.calls = 0  # A process that lives so long may make as many calls.
        happenings.happen(*draw_push(random))
        for accident in ACCIDENTS[random.choice(kinds)](random):
            if random.random() < 0.5:
                happenings.happen(*accident)
            else:
                happenings.happen("at_call", 0, random.randrange(100), *accident)
        if random.random() < 0.2:
            world.invite()
        world.loop.run_until(world.loop.now + seconds * random.expovariate(1.0))


def _rest(world, happenings):
    """Nothing is wrong for a while, and everything is done."""
    fates, pace = world.fates, world.pace
    world.behave()
    world.pace = 0.0
    world.returns = False
    world.down = dict.fromkeys(world.down, 0.0)
    (process,) = world.processes
    process.recover()
    world.loop.run_until(world.loop.now + _QUIET_SECONDS)
    assert not world.is_going, "it was deleted, and is still there"
    world.apply(**_NOTHING_HOLDS)
    world.release_output()
    happenings.finish_head()
    for _ in range(_STEPS):
        process.calls = 0
        for name in world.reaching():
            world.end_job(name, 0)
        world.loop.run_until(world.loop.now + _STEP)
        if _is_done(world):
            break
    world.audit.check()
    world.fates, world.pace = fates, pace


def _is_done(world):
    decided = world.ledger().decided
    heads = world.pachyderm.commits.values()
    return (
        not world.kubernetes.running()
        and all(each.id in decided for each in world.expected())
        and all(each.state is not CommitState.FINISHING for each in heads)
    )


def _sample(world, process):
    """What there is at rest."""
    process.stale = {}
    world.launder()
    gc.collect()
    held = count_holdings(process.kopf._hub)
    found = {
        "decisions": float(len(world.entries())),
        "kB in all": held.pop(BYTES) / 1024,
        "kB allocated by the operator": _allocated() / 1024,
        "tasks": float(len(asyncio.all_tasks(world.loop))),
        "of asyncio, ready and timers": float(world.loop.waiting),
        "in feeds, watches": float(len(process.feeds.watches)),
        "in kopf, daemons": float(len(process.kopf._daemons)),
    }
    return found | {f"in {name}": float(number) for name, number in held.items()}


def _allocated():
    """Bytes that the operator's own lines have allocated and somebody still holds."""
    if not tracemalloc.is_tracing():
        return 0
    snapshot = tracemalloc.take_snapshot()
    own = snapshot.filter_traces([tracemalloc.Filter(True, _PACKAGE)])
    return sum(each.size for each in own.traces)


def main():
    """Exit with 1 when something grows, or is broken."""
    parser = argparse.ArgumentParser(prog="simulation.soak", description=__doc__)
    parser.add_argument("--commits", type=int, default=2000)
    parser.add_argument("--weeks", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    tracemalloc.start()
    samples, violations, world = soak(asked.commits, asked.weeks, asked.seed)
    growths = compare(samples, TOLERANCES)
    title = (
        f"{asked.weeks:g} simulated weeks, {asked.commits} commits, {world.faults}"
        f" faults, {world.applied} lives of the MnistTraining, {world.guests} others"
    )
    show(growths, title)
    for each in violations:
        print(each)
    grown = [each.name for each in growths if each.is_more]
    print(f"Grows: {', '.join(grown)}" if grown else "Nothing grows.")
    return 1 if grown or violations else 0


if __name__ == "__main__":
    sys.exit(main())
