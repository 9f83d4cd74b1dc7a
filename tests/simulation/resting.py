"""What an operator does where nothing is left to do: nothing, and that for long.

And what it finds when it comes back: what happened while there was none is seen by the
first look, though that is the shortest there is (`mnist_operator.recognition`).
"""

from unit.builders import ident
from unit.model_checks import without_times

__all__ = ["check_news", "check_rest", "check_restart"]

_SECONDS = 40.0
_LONG_SECONDS = 1500.0
_MOST_LOOKS = 3
"""In that time: one that makes up for what may have arrived late, and few besides."""


def check_restart(world):
    """Nothing is done again, nor told otherwise, by an operator that knows nothing."""
    before = [each.training.status for each in world.tenants]
    writes = world.writes
    _last(world).kill()
    world.start_process()
    world.loop.run_until(world.loop.now + _SECONDS)

    assert writes == world.writes, "an operator that starts anew does something"
    after = [each.training.status for each in world.tenants]
    assert [*map(without_times, before)] == [*map(without_times, after)]


def check_news(world, is_at_rest):
    """Something happens while nobody is there; whoever comes next sees to it."""
    _last(world).kill()
    world.lists = True
    what = world.random.choice((_suspend, _ask, _push_fault))
    world.tell_story(f"-- nobody is there: {what.__name__.strip('_')}")
    what(world)
    world.start_process()
    world.loop.run_until(world.loop.now + 2 * _SECONDS)

    assert world.audit.violations or is_at_rest(world), "nobody sees what is new"


def _suspend(world):
    world.apply(suspend=True)


def _ask(world):
    """For a commit that is not there: so it takes one line."""
    world.ask("request while nobody is there", ident(0xFFFF))


def _push_fault(world):
    """A commit that only needs a line."""
    world.push()
    world.finish("bad data")
    world.look()


def check_rest(world):
    """Whoever has nothing to do looks seldom; but sees that a stranger was there."""
    process = _last(world)
    world.loop.run_until(max(world.loop.now, process.kopf.told_until))
    before = process.looks
    world.loop.run_until(world.loop.now + _LONG_SECONDS)
    rested = process.looks - before
    world.hold_output()
    world.release_output()
    world.look()
    before = process.looks
    world.loop.run_until(world.loop.now + 4 * _SECONDS)

    assert rested <= _MOST_LOOKS, f"{rested} looks at rest"
    assert process.looks > before, "nobody sees that the output branch has moved"


def _last(world):
    (last,) = (each for each in world.processes if each.alive)
    return last
