"""The moments in a commit's life at which a walk edits, and how time passes there."""

from simulation.walks.admission import stored
from simulation.walks.edits import merge

__all__ = ["create", "push", "rest", "run_for", "take", "until"]

_GLANCE, _REST = 0.5, 40.0
_PATIENCE = 120.0
_LONGEST = 6 * 3600.0


def take(world, step):
    """Push, wait for the moment, and edit."""
    world.tell_story(f"-- {step.moment}: {step.told}")
    happenings = world.happenings

    def edit():
        for spec in step.specs:
            happenings.happen("edit", spec)

    match step.moment:
        case "quiet":
            edit()
            push(world, step.files, step.ends)
        case "open":
            push(world, step.files, step.ends, whole=False)
            run_for(world, 2.0)
            edit()
            run_for(world, 2.0)
            happenings.finish_head()
        case "suspended":
            happenings.happen("edit", stored(merge(world.spec, {"suspend": True})))
            push(world, step.files, step.ends)
            run_for(world, 3.0)
            edit()
        case "deleted":
            push(world, step.files, step.ends)
            run_for(world, step.calls / 2)
            create(world, step.specs[-1], edit)
        case _:
            push(world, step.files, step.ends)
            _wait(world, step, edit)
    run_for(world, step.calls / 4)


def _wait(world, step, edit):
    """Let the commit that was pushed go so far; if it never does, edit all the same."""
    if step.moment in {"ended", "publishing"}:
        done = []

        def happen():
            if not done:
                done.append(step)
                edit()

        later = step.calls if step.moment == "publishing" else 0
        world.at_end = lambda: _at_call(world, later, happen)
        until(world, lambda: bool(done))
        world.at_end = None
        happen()  # If the moment never came.
        return
    kubernetes, head = world.kubernetes, world.head().id
    reached = {
        "finishing": lambda: True,
        "created": lambda: any(head == kubernetes.commit(n) for n in kubernetes.jobs),
        "running": lambda: any(head == kubernetes.commit(n) for n in kubernetes.pods),
        "retrying": lambda: "Retrying" == world.condition().get("reason"),
    }[step.moment]
    until(world, reached)
    edit()


def _at_call(world, later, happen):
    """At that call of the operator from now on; at once where it makes no such call."""
    [process] = [each for each in world.processes if each.alive]
    if later:
        world.happenings.later = happen
        process.due.append((process.calls + later, ("later",)))
    else:
        happen()


def create(world, spec, meanwhile=lambda: None):
    """Delete the MnistTraining, and create it anew with a spec."""
    world.delete()
    if world.training is not None:  # Without a finalizer yet, it is gone at once.
        meanwhile()
    until(world, lambda: world.training is None)
    assert world.training is None, "it was deleted, and is still there"
    world.put(spec)


def push(world, files, ends, *, whole=True):
    world.happenings.happen("push", "whole" if whole else "open", files)
    world.endings[world.head().id] = ends


# --- time -----------------------------------------------------------------------------


def run_for(world, seconds):
    world.loop.run_until(world.loop.now + seconds)
    if world.audit.violations:
        raise AssertionError(world.audit.violations[0])


def until(world, look):
    end = world.loop.now + _PATIENCE
    while not look() and world.loop.now < end:
        run_for(world, _GLANCE)


def rest(world):
    """Until nothing is under way, and nothing is told or written any more."""
    end = world.loop.now + _LONGEST
    while world.loop.now < end:
        before = world.writes, world.bodies
        run_for(world, _REST)
        if before == (world.writes, world.bodies) and _is_atrest(world):
            for process in world.processes:
                process.calls = 0  # It was no endless loop so far.
            return
    raise AssertionError(f"it does not settle: {world.training.status}\n{world.spec}")


def _is_atrest(world):
    status = world.training.status
    told = world.condition().get("status") == "False"
    present = status.get("observedGeneration") == world.generation
    return told and present and not world.kubernetes.running()
