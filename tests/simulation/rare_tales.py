"""Short tales of what chance would hardly ever bring about: see `tales`."""

from functools import partial

from simulation.gated import ODD
from simulation.tale_parts import edit, push

__all__ = ["RARE_TALES"]


def _spoiled(draw):
    """pachd finds fault with the first model of all; the next one must come."""
    found = [(0.0, "history", 1, "Latest"), (0.0, "spoil", 0), (0.0, "fare", 0, 0.0)]
    return [*found, (0.0, "join"), push(draw, 40)]


def _spoiled_later(draw):
    """The same of the second one, which stays where its readers see it."""
    found = [(0.0, "stage", 1, 99), (0.0, "fare", 0, 0.0), (0.0, "join")]
    return [*found, (0.0, "spoil", 0), push(draw, 6), push(draw, 40)]


def _burst(draw):
    """Several at once, while others wait for their turn."""
    found = [(0.0, "linger", 8.0), *(push(draw, at) for at in (12, 17, 21))]
    at = 26.0 + draw.random()
    return [*found, *((at, "push", "whole", "new") for _ in range(2))]


def _missed(draw):
    """Pushes while nobody is there, after a beginning with what comes next."""
    found = [(0.0, "history", draw.choice((1, 2)), "Next"), (0.0, "fare", 0, 0.0)]
    found += [(0.0, "join"), (10.0, "kill", 0, 20.0)]
    return [*found, push(draw, 12), push(draw, 17)]


def _moved_on(draw, many):
    """A branch that goes back, and on in another way, between two looks."""
    pushes = [(at, "push", "whole", "new") for at in (12.0, 14.0, 15.0)]
    at = 17.0 + draw.random()
    found = [(0.0, "linger", 15.0), *pushes, (at, "rewrite", 2, "move")]
    return [*found, *((at, "push", "whole", "new") for _ in range(many))]


def _fails_for_good(draw):
    """Where another trainer may try the newest again, and this one has failed."""
    found = [edit(onSpecChange="RetrainLatest"), (0.0, "fare", 1, 0.1)]
    return [*found, push(draw, 12), (60.0, "edit", {})]


def _switched(draw, stage, to):
    """Somebody asks for the other way to publish, and a model is on its way."""
    found = [(0.0, "stage", stage, draw.randrange(57, 72)), (0.0, "fare", 0, 0.0)]
    found.append((0.0, "edit", {"output": {"provenance": to}}))
    return [*found, (0.0, "join"), push(draw, 12)]


def _repeated(draw):
    """What opens a model's commit arrives when that model is there."""
    found = [(0.0, "stage", 1, 50), (0.0, "fare", 0, 0.0), (0.0, "join")]
    found.append((0.0, "trouble", 0, "late", 0, "start_commit"))
    return [*found, push(draw, draw.choice((6, 24)))]


def _begun_early(draw):
    """All that was there before is asked for while the newest is trained."""
    found = [(0.0, "history", draw.choice((2, 3)), "Latest"), (0.0, "linger", 15.0)]
    return [*found, (0.0, "join"), (6.0 + 6.0 * draw.random(), "start", "Earliest")]


def _asked_meanwhile(draw):
    """A run by hand of whatever is there, while a commit is still being written."""
    found = [(0.0, "fare", 0, 0.0), push(draw, 12), push(draw, 30, "open")]
    return [*found, (36.0, "ask", -2)]


def _doubtful(draw):
    """With Replace, what is to be held comes while an older commit is trained."""
    found = [(0.0, "gate", "Hold"), edit(concurrencyPolicy="Replace")]
    return [*found, (0.0, "linger", 15.0), push(draw, 8), push(draw, 16, what=ODD)]


def _behind(draw):
    """A commit begun on one that pachd is still finishing."""
    return [(0.0, "fare", 0, 0.0), push(draw, 12, "open"), push(draw, 30, "open")]


def _come_back(draw):
    """A branch that is away while the newer of two runs beside each other ends."""
    trigger = {"startFrom": "Earliest"}
    found = [edit(concurrencyPolicy="Allow", maxParallel=2, trigger=trigger)]
    found += [(0.0, "fare", 137, 60.0), (12.0, "push", "whole", "new")]
    found += [(24.0, "fare", 0, 0.0), (24.5, "push", "whole", "new")]
    at = 28.0 + draw.random()
    return [*found, (at, "rewrite", 0, "branch"), (66.0, "rewrite", 2, "move")]


def _alike(draw):
    """Two that pachd takes long to finish, the first with nothing new; both may run."""
    found = [edit(concurrencyPolicy="Allow", maxParallel=2), (0.0, "burden", 8)]
    at = 12.0 + draw.random()
    pushes = (at, "push", "whole", "same"), (at + 0.5, "push", "whole", "new")
    return [*found, (0.0, "fare", 0, 0.0), *pushes]


def _denied(draw):
    """A token may not publish any more, and what is tried again fails at once.

    What is tried and what is wrong are then told in turn.
    """
    denied = ((at, "deny", "create_branch", 600) for at in (20.0, 150.0, 280.0, 410.0))
    return [(0.0, "fare", 0, 0.0), push(draw, 8), *denied]


def _stands_still(draw, place, nth):
    """An operator does, just after it has moved a branch; another one goes on.

    `nth`: as many moves are left before it in such a life.
    """
    found = [(0.0, "stage", 0, place), (0.0, "fare", 0, 0.0), (0.0, "join")]
    found.append((0.0, "trouble", 0, "stopped", nth, "create_branch"))
    return [*found, (1.0 + draw.random(), "push", "whole", "new"), (6.0, "join")]


def _opened_beside(draw):
    """Two operators, and two runs; one of them opens a slot more, for a third."""
    found = [(0.0, "stage", 3, draw.randrange(34, 40)), (0.0, "fare", 0, 15.0)]
    found += [(0.0, "join"), (5.0, "join"), push(draw, 7)]
    return [*found, (11.0 + 4.0 * draw.random(), "ask", draw.choice((-2, 0)))]


def _outlived(draw):
    """An operator stands still before it begins a run, which another one ends.

    Its model is not published at once, since somebody writes on the output branch.
    """
    found = [(0.0, "stage", 0, 10), (0.0, "fare", 0, 0.0), (0.0, "join")]
    found.append((0.0, "trouble", 0, "stopped", draw.choice((0, 1)), "LIST tfjobs"))
    found += [(1.0 + draw.random(), "push", "whole", "new"), (6.0, "join")]
    return [*found, (20.0, "occupy", 60), (45.0, "fare", 1, 0.0)]


RARE_TALES = (
    *(_spoiled, _spoiled_later, _repeated, _begun_early, _asked_meanwhile),
    *(_burst, _missed, _doubtful, _outlived),
    *(
        partial(_switched, stage=stage, to=to)
        for stage, to in ((0, "Metadata"), (1, "Native"), (2, "Metadata"))
    ),
    *(partial(_moved_on, many=many) for many in (2, 1)),
    *(_fails_for_good, _behind, _come_back, _alike, _denied, _opened_beside),
    *(partial(_stands_still, place=at, nth=nth) for at, nth in ((50, 2), (60, 0))),
)
