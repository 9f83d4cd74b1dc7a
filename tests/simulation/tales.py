"""Short tales of one policy each, that chance alone would tell too seldom.

Nothing goes wrong in most of them: then it is certain what must happen, or must not.
Each begins where all is done, and changes the spec ten seconds before anything else.
"""

from functools import partial

from unit.model_schedules import COMMON, POLICIES

__all__ = ["make_tale", "tell_wiped"]

_CHANGES = (*COMMON, *POLICIES)


def make_tale(draw, turn):
    """One of them after the other, at times of its own."""
    told = _TALES[turn % len(_TALES)](draw)
    begun = told[0][1] in {"stage", "history"}
    return told if begun else [(0.0, "stage", 0, 99), (0.0, "join"), *told]


def _apply(at, **changes):
    return at, "apply", _CHANGES.index(changes)


def _push(draw, at, how="whole", what="new"):
    return round(at + 4.0 * draw.random(), 3), "push", how, what


def _noise(draw):
    """Pushes one after the other, where the branch has to be quiet."""
    found = [_apply(0.0, trigger={"debounceSeconds": 30}), _push(draw, 12)]
    return [*found, _push(draw, 25)]


def _few(draw):
    """Too few commits, and then enough."""
    spec = {"mode": "LatestOnly", "minCommits": 2}
    return [_apply(0.0, trigger=spec), _push(draw, 12), _push(draw, 30)]


def _late(draw):
    """A commit that waits for longer than it may, while another one trains."""
    found = [_apply(0.0, startingDeadlineSeconds=60), (0.0, "linger", 70.0)]
    return [*found, _push(draw, 12), _push(draw, 17)]


def _slow(draw):
    """A commit that is long in the making, but waits for a moment only."""
    found = [_apply(0.0, startingDeadlineSeconds=60), (0.0, "linger", 70.0)]
    found += [_push(draw, 12), _push(draw, 17, "open")]
    return [*found, _push(draw, 60, "bad")]


def _asleep(draw):
    """An operator that starts anew where all is suspended."""
    found = [_apply(0.0, suspend=True), _push(draw, 12)]
    return [*found, (20.0, "kill", 0, 0.1)]


def _faulty(draw):
    """Trainers that fail, until nothing more is begun."""
    found = [_apply(0.0, stopAfterFailures=1), (0.0, "fail")]
    return [*found, _push(draw, 12), _push(draw, 16)]


def _gone(draw, policy):
    """A MnistTraining that is deleted while it trains."""
    found = [_apply(0.0, deletionPolicy=policy), (0.0, "linger", 15.0)]
    return [*found, _push(draw, 12), (22.0, "recreate", True, False)]


def _kept(draw):
    """More runs than are kept."""
    limits = {"successfulRunsHistoryLimit": 1, "failedRunsHistoryLimit": 1}
    return [_apply(0.0, **limits), _push(draw, 12)]


def _retrained(draw):
    """What was trained on before, for another trainer."""
    found = [_apply(0.0, trainer={"image": "trainer:2"})]
    return [*found, _push(draw, 12, what="same")]


def _asked(draw):
    """A run by hand of a commit that is still open."""
    return [_push(draw, 12, "open"), (17.0, "ask", 1)]


def _overtaken(draw, how):
    """A newer commit that cannot be trained yet, or not at all, with LatestOnly."""
    found = [_apply(0.0, trigger={"mode": "LatestOnly", "minCommits": 1})]
    pushes = [_push(draw, at) for at in (12.0, 16.0)]
    return [*found, (0.0, "linger", 15.0), *pushes, (20.5, "push", how, "new")]


def tell_wiped(draw):
    """What prepares an attempt arrives when its trainer has begun, or has ended."""
    found = [(0.0, "stage", 0, 7), (0.0, "linger", 0.1), (0.0, "join")]
    found.append((0.0, "trouble", 0, "late", 0, "modify"))
    return [*found, (1.0 + draw.random(), "stop", 0, 60)]


def _moved(draw):
    """A branch that goes back, and on in another way, while a run goes on."""
    pushes = [(at, "push", "whole", "new") for at in (12.0, 14.0, 15.0)]
    found = [(0.0, "linger", 15.0), *pushes]
    return [*found, (17.0, "rewrite", 2, "move"), _push(draw, 18)]


def _begun(draw):
    """What was there before is asked for later."""
    found = [(0.0, "history", draw.choice((1, 2)), "Next"), (0.0, "join")]
    return [*found, (12.0, "start", "Earliest")]


_TALES = (
    *(_noise, _few, _late, _slow, _asleep, _faulty, _kept, _retrained, _asked),
    *(_moved, _begun),
    *(partial(_gone, policy=each) for each in ("Orphan", "Cancel")),
    *(partial(_overtaken, how=each) for each in ("open", "bad")),
)
