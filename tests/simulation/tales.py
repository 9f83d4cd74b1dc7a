"""Short tales of one policy each, that chance alone would tell too seldom.

Nothing goes wrong in most of them: then it is certain what must happen, or must not.
Each begins where all is done, and changes the spec ten seconds before anything else.
"""

from functools import partial

from simulation.rare_tales import RARE_TALES
from simulation.run_tales import RUN_TALES
from simulation.tale_parts import apply, edit, push

__all__ = ["TALES", "make_tale", "tell_wiped"]


def make_tale(draw, turn):
    """One of them after the other, at times of its own."""
    told = TALES[turn % len(TALES)](draw)
    begun = told[0][1] in {"stage", "history"}
    return told if begun else [(0.0, "stage", 0, 99), (0.0, "join"), *told]


def _noise(draw):
    """Pushes one after the other, where the branch has to be quiet."""
    found = [apply(0.0, trigger={"debounceSeconds": 30}), push(draw, 12)]
    return [*found, push(draw, 25, "late")]


def _few(draw):
    """Too few commits, and then enough."""
    spec = {"mode": "LatestOnly", "minCommits": 2}
    return [apply(0.0, trigger=spec), push(draw, 12), push(draw, 30)]


def _late(draw):
    """A commit that waits for longer than it may, while another one trains."""
    found = [apply(0.0, startingDeadlineSeconds=60), (0.0, "linger", 70.0)]
    return [*found, push(draw, 12), push(draw, 17)]


def _slow(draw):
    """A commit that is long in the making, but waits for a moment only."""
    found = [apply(0.0, startingDeadlineSeconds=60), (0.0, "linger", 70.0)]
    found += [push(draw, 12), push(draw, 17, "open")]
    return [*found, push(draw, 60, "bad")]


def _asleep(draw):
    """An operator that starts anew where all is suspended."""
    found = [apply(0.0, suspend=True), push(draw, 12), (15.0, "ask", -2)]
    return [*found, (20.0, "kill", 0, 0.1)]


def _faulty(draw):
    """Trainers that fail, until nothing more is begun."""
    found = [apply(0.0, stopAfterFailures=1), (0.0, "fail")]
    return [*found, push(draw, 12), push(draw, 16)]


def _asked(draw):
    """A run by hand of a commit that is still open."""
    return [push(draw, 12, "open"), (17.0, "ask", 1)]


def _overtaken(draw, how):
    """A newer commit that cannot be trained yet, or not at all, with LatestOnly."""
    found = [apply(0.0, trigger={"mode": "LatestOnly", "minCommits": 1})]
    pushes = [push(draw, at) for at in (12.0, 16.0)]
    return [*found, (0.0, "linger", 15.0), *pushes, (20.5, "push", how, "new")]


def _moved(draw):
    """A branch that goes back, and on in another way, while a run goes on."""
    pushes = [(at, "push", "whole", "new") for at in (12.0, 14.0, 15.0)]
    found = [(0.0, "linger", 15.0), *pushes]
    return [*found, (17.0, "rewrite", 2, "move"), push(draw, 18)]


def _begun(draw):
    """What was there before is asked for later."""
    found = [(0.0, "history", draw.choice((1, 2)), "Next"), (0.0, "join")]
    return [*found, (12.0, "start", "Earliest")]


def _named(draw):
    """Of three commits that were there before, all from the second one on."""
    found = [(0.0, "history", 3, 1), (0.0, "fare", 0, 0.0)]
    return [*found, (draw.random(), "join")]


def _jumped(draw):
    """A run by hand of the newer of two that wait for the branch to be quiet."""
    trigger = {"mode": "LatestOnly", "debounceSeconds": 30}
    found = [edit(trigger=trigger), (0.0, "linger", 0.1)]
    return [*found, push(draw, 12), push(draw, 17), (22.0, "ask", 2)]


def _pushed_in(draw):
    """The same where each one is wanted, while another trains."""
    found = [(0.0, "linger", 15.0), *(push(draw, at) for at in (12, 17, 22))]
    return [*found, (27.0, "ask", 3)]


def _pressed(draw, **spec):
    """A run by hand under way, and a newer commit that would replace others."""
    found = [edit(concurrencyPolicy="Replace", **spec), (0.0, "linger", 15.0)]
    return [*found, (12.0, "ask", 0), push(draw, 20)]


def _squashed(draw):
    """What is squashed below the head, once all before it is asked for."""
    found = [(0.0, "history", 3, "Next"), (0.0, "fare", 0, 0.0), (0.0, "join")]
    return [
        *found,
        (10.0 + draw.random(), "rewrite", 1, "squash"),
        (20.0, "start", "Earliest"),
    ]


def _replaced(draw, seconds):
    """A newer commit, and an older one that takes long."""
    trigger = {"debounceSeconds": seconds}
    found = [edit(concurrencyPolicy="Replace", trigger=trigger)]
    found += [(0.0, "linger", 60.0), push(draw, 12)]
    return [*found, push(draw, 22 + seconds), (50.0, "edit", {})]


def _picked(draw):
    """A run by hand of one in the middle of those that wait; then nobody is there."""
    found = [edit(trigger={"debounceSeconds": 60}), (0.0, "fare", 0, 0.1)]
    found += [push(draw, at) for at in (12, 17, 22)]
    return [*found, (27.0, "ask", 2), (65.0, "kill", 0, 0.1)]


def _restless(draw):
    """Pushes that never pause for as long as the branch has to be quiet."""
    found = [edit(trigger={"debounceSeconds": 10, "mode": "LatestOnly"})]
    first = 12.0 + draw.random()
    pushes = [(first + 7.0 * n, "push", "whole", "new") for n in range(22)]
    return [*found, (0.0, "fare", 0, 0.0), *pushes]


def _taken_away(draw):
    """What is squashed while it waits for its turn."""
    found = [(0.0, "linger", 15.0), *(push(draw, at) for at in (12, 17, 22))]
    return [*found, (27.0, "rewrite", 2, "squash")]


def tell_wiped(draw):
    """What prepares an attempt arrives when its trainer has begun, or has ended."""
    found = [(0.0, "stage", 0, 7), (0.0, "linger", 0.1), (0.0, "join")]
    found.append((0.0, "trouble", 0, "late", 0, "modify"))
    return [*found, (1.0 + draw.random(), "stop", 0, 60)]


TALES = (
    *(_noise, _few, _late, _slow, _asleep, _faulty, _asked, _pushed_in, _jumped),
    *(_pressed, _picked, _moved, _begun, _named, _squashed, _taken_away, _restless),
    *(partial(_overtaken, how=each) for each in ("open", "bad")),
    *(partial(_replaced, seconds=each) for each in (0, 20)),
    *RUN_TALES,
    *RARE_TALES,
)
