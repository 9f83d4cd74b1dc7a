"""Short tales of what becomes of runs, and of TFJobs: see `tales`."""

from functools import partial

from simulation.tale_parts import apply, edit, push

__all__ = ["RUN_TALES"]


def _kept(draw, code):
    """More runs than are kept."""
    good, bad = (1, 3) if code == 0 else (3, 0)
    limits = {"successfulRunsHistoryLimit": good, "failedRunsHistoryLimit": bad}
    return [edit(**limits), (0.0, "fare", code, 0.1), push(draw, 12)]


def _stuck(draw):
    """Pods that never start."""
    found = [edit(startupDeadlineSeconds=20), (0.0, "fare", "never", 0.0)]
    return [*found, push(draw, 12), (30.0, "edit", {})]


def _queued(draw):
    """A TFJob that whoever queues it lets wait for longer than its deadlines."""
    limits = {"startupDeadlineSeconds": 20, "activeDeadlineSeconds": 30}
    found = [edit(**limits), (0.0, "fare", "queued", 5.0)]
    return [*found, push(draw, 12), (30.0, "edit", {})]


def _cut_off(draw):
    """An operator that dies between a fence and what is behind it."""
    found = [edit(activeDeadlineSeconds=30), (0.0, "linger", 3000.0)]
    found += [push(draw, 6), (30.0, "trouble", 0, "killed", 0, "FinishCommit")]
    return found


def _vanished(draw, how):
    """A TFJob that somebody deletes, or takes the labels of, while nobody is there."""
    found = [(0.0, "linger", 3000.0), (11.0, "push", "whole", "new")]
    found += [(23.0, "kill", 0, 1.0)] if how == "vanish" else []
    return [*found, (23.5 + draw.random() / 3, "touch", 1, how)]


def _tricked(draw, how):
    """A trainer that ends well, and leaves behind what must not be published."""
    return [(0.0, "fare", how, 0.0), push(draw, 12)]


def _wordy(draw):
    """Trainers that each leave a file of another name."""
    found = [(0.0, "fare", "wordy", 0.1), push(draw, 12)]
    return [*found, push(draw, 17)]


def _doubled(draw):
    """A commit that is tried three times."""
    found = [edit(attempts={"limit": 3}), (0.0, "fare", 137, 0.0)]
    return [*found, push(draw, 65)]


def _less_room(draw):
    """Two runs that fail side by side, where only one may follow."""
    policy = {"concurrencyPolicy": "Allow", "maxParallel": 2}
    spec = {"attempts": {"limit": 2, "backoffSeconds": 30}}
    found = [edit(**policy, **spec), (0.0, "fare", 137, 15.0)]
    found += [push(draw, 6), push(draw, 6)]
    return [*found, (13.0, "edit", {"concurrencyPolicy": "Forbid"})]


def _fails_first(draw):
    """The same, and the newer one fails before the older one has ended."""
    policy = {"concurrencyPolicy": "Allow", "maxParallel": 2}
    found = [edit(**policy), (0.0, "fare", 0, 60.0), (11.0, "push", "whole", "new")]
    return [*found, (18.0, "fare", 1, 0.1), push(draw, 18)]


def _side_by_side(draw):
    """Two commits, and room for both."""
    policy = {"concurrencyPolicy": "Allow", "maxParallel": 2}
    found = [edit(**policy), (0.0, "linger", 60.0), push(draw, 12)]
    return [*found, push(draw, 17, "open"), push(draw, 25), (50.0, "edit", {})]


def _warm(draw):
    """Runs that begin from the newest model; one is tried again when that is newer."""
    policy = {"concurrencyPolicy": "Allow", "maxParallel": 2}
    spec = {"attempts": {"backoffSeconds": 30}, "trainer": {"warmStart": True}}
    found = [edit(**policy, **spec), (0.0, "fare", 137, 0.0), push(draw, 7)]
    found += [(17.0, "fare", 0, 0.0), (17.5, "ask", 0), (84.0, "occupy", 0)]
    return [*found, push(draw, 85)]


def _gone(draw, policy, at):
    """A MnistTraining that is deleted while it trains."""
    before = "Cancel" if policy == "Orphan" else "Orphan"
    found = [apply(0.0, deletionPolicy=before), apply(at, deletionPolicy=policy)]
    found += [(0.0, "linger", 30.0), push(draw, 12)]
    return [*found, (35.0, "recreate", True, False)]


def _renewed(draw, policy):
    """Another trainer, and later one more while a commit is still being written."""
    found = [(6.0, "edit", {"onSpecChange": policy, "trainer": {"image": "t:3"}})]
    found += [(0.0, "linger", 0.1), push(draw, 50, "open")]
    found.append((56.0, "edit", {"trainer": {"image": "t:4"}}))
    found += [(75.0, "complete"), (110.0, "edit", {"suspend": True})]
    last = (113.0, "edit", {"trainer": {"image": "t:5"}})
    return [*found, (111.0, "kill", 0, 20.0), last]


def _renewed_twice(draw):
    """Another trainer, and one more while that is to be tried again."""
    spec = {"onSpecChange": "RetrainLatest", "attempts": {"backoffSeconds": 30}}
    found = [(0.0, "fare", 137, 0.1), edit(**spec)]
    found.append((3.0 + draw.random(), "edit", {"trainer": {"image": "t:3"}}))
    return [*found, (30.0, "edit", {"trainer": {"image": "t:4"}})]


def _retrained(draw):
    """What was trained on before, for another trainer."""
    found = [apply(0.0, trainer={"image": "trainer:2"})]
    return [*found, push(draw, 12, what="same")]


RUN_TALES = (
    *(_stuck, _queued, _cut_off, _wordy, _doubled, _less_room, _fails_first),
    *(_side_by_side, _warm, _retrained, _renewed_twice),
    *(partial(_kept, code=each) for each in (0, 1)),
    *(partial(_gone, policy=each, at=2.0) for each in ("Orphan", "Cancel")),
    *(partial(_gone, policy=each, at=22.0) for each in ("Orphan", "Cancel")),
    *(partial(_renewed, policy=each) for each in ("RetrainLatest", "Nothing")),
    *(partial(_vanished, how=each) for each in ("vanish", "unlabel")),
    *(partial(_tricked, how=each) for each in ("empty", "garbled", "forges")),
)
