"""What is to happen, and when: made of one seed, and nothing else.

A schedule is a tuple of happenings, (seconds, kind, arguments…), which JSON can hold:
one that found something is kept and played again, with a few of them left out.
Not everything happens in each (swarm testing, Groce et al., ISSTA 2012): where
everything goes wrong, nothing has the time to go far.
"""

from random import Random

from simulation.busy_tales import make_busy
from simulation.gate_tales import make_gated
from simulation.promotion_tales import make_promoted
from simulation.stages import VARIANTS
from simulation.tales import make_tale, tell_wiped
from simulation.tenants import KINDS, NAMES
from unit.model_schedules import COMMON, POLICIES

__all__ = ["ACCIDENTS", "CHANGES", "draw_push", "is_special", "make_schedule"]

CHANGES = (*COMMON, *POLICIES)
"""What somebody may change in the spec."""
_SPAN = 120.0
"""Seconds in which all that happens begins."""
_PUSHES = ("whole", "whole", "whole", "late", "open", "bad", "rejected")
_FILES = ("new", "new", "new", "new", "old", "same", "readme")
_TROUBLES = ("lost", "unanswered", "late", "twice")
_CALLS = 90
"""So many calls are left of a commit's life in most schedules; a whole one has 130."""
_WRITES = (
    "start_commit",
    "modify",
    "FinishCommit",
    "InspectCommit",
    "create_branch",
    "append",
    "POST tfjob",
    "DELETE tfjob",
    "PATCH status",
)
_BURDENED = 0.05
"""In so many of those that begin in the middle pachd is slow to finish commits."""
_PUBLISHING = ("create_branch", "create_branch", "modify", "FinishCommit", "append")
_IN_THE_MIDDLE = 0.93
"""So many schedules begin there."""
_LIMITS = ({"suspend": True}, {"activeDeadlineSeconds": 60})
"""Nothing shows that these hold but what does not happen."""
_STARTS = ("Latest", "Latest", "Next", "Earliest")
_REPLACING = len(VARIANTS) - 1
"""The life in which a newer commit takes the place of a run."""
_OF_MANY = [place for place, each in enumerate(VARIANTS) if each[1] > 1]
_WITH_OTHERS = 0.03
"""So many schedules have other MnistTrainings in their world."""
_ROUND = 60
"""Of so many schedules some are about what else would seldom meet; see `_SPECIAL`."""
_TALE = _ROUND // 6
"""One of so many tells a tale."""
_OF_OTHERS = (
    lambda draw: ("recreate", draw.random() < 0.7, draw.random() < 0.5),
    lambda draw: ("apply", draw.randrange(len(CHANGES))),
    lambda draw: ("ask", draw.randrange(-2, 4)),
)
_SERVICES = ("pachd", "pachd", "kubernetes")


def _trouble(draw):
    """One or a few calls that do not go well."""
    who = draw.randrange(2)
    return [
        ("trouble", who, draw.choice(_TROUBLES), *_call(draw))
        for _ in range(draw.randrange(1, 4))
    ]


def _call(draw):
    """Any call; or one of those that change something, of which there are few."""
    if draw.random() < 0.3:
        return (_nth_call(draw),)
    return draw.choice((0, 0, 1, 2)), draw.choice(_WRITES)


def _nth_call(draw):
    return draw.randrange(_CALLS if draw.random() < 0.5 else _CALLS // 4)


def _kill(draw):
    """At any call, before it takes effect or after that."""
    if draw.random() < 0.6:
        return [("trouble", draw.randrange(2), "killed", *_call(draw))]
    return [("kill", draw.randrange(2), draw.choice((0.1, 1.0, 30.0)))]


def _outage(draw):
    return [("outage", draw.choice(_SERVICES), draw.choice((2, 20, 90)))]


def _rewrite(draw):
    how = draw.choice(("move", "squash", "squash", "branch"))
    return [("rewrite", draw.randrange(4), how)]


def _recreate(draw):
    return [("recreate", draw.random() < 0.7, draw.random() < 0.5)]


ACCIDENTS = {
    "trouble": _trouble,
    "kill": _kill,
    "kill_more": lambda draw: [*_kill(draw), *_kill(draw)],
    "stop": lambda draw: [("stop", draw.randrange(2), draw.choice((5, 60, 400)))],
    "deafen": lambda draw: [("deafen", draw.randrange(2), draw.choice((10, 90)))],
    "ignore": lambda draw: [("ignore", draw.randrange(2), draw.choice((20, 200)))],
    "lag": lambda draw: [("lag", draw.randrange(2), draw.choice((2, 20)))],
    "skew": lambda draw: [("skew", draw.randrange(2), draw.choice((-7200, -5, 7200)))],
    "outage": _outage,
    "outage_more": _outage,
    "join": lambda draw: [("join",)],
    "apply": lambda draw: [("apply", draw.randrange(len(CHANGES)))],
    "ask": lambda draw: [("ask", draw.randrange(-2, 4))],
    "recreate": _recreate,
    "rewrite": _rewrite,
    "spoil": lambda draw: [("spoil", draw.randrange(2))],
    "occupy": lambda draw: [("occupy", draw.choice((0, 0.5, 3, 50)))],
    "vanish": lambda draw: [("touch", draw.randrange(4), "vanish")],
    "delete": lambda draw: [("touch", draw.randrange(4), "delete")],
    "unlabel": lambda draw: [("touch", draw.randrange(4), "unlabel")],
}


def draw_push(draw):
    """One commit of the data team: how it is made, and of what."""
    return "push", draw.choice(_PUSHES), draw.choice(_FILES)


def make_schedule(seed):
    """The schedule of a seed: what is configured at first, and all that happens."""
    draw = Random(seed)  # noqa: S311 (the same for each seed)
    special = _SPECIAL.get(seed % _ROUND)
    if special is not None:
        return tuple(sorted(special(draw, seed), key=lambda each: each[0]))
    if draw.random() < _IN_THE_MIDDLE:
        return _in_the_middle(draw)
    found = [(0.0, "apply", _policy(draw))] if draw.random() < 0.6 else []
    if draw.random() < 0.2:
        found.append((0.0, "history", draw.randrange(1, 3), draw.choice(_STARTS)))
    found.append((0.0, "join"))
    for _ in range(draw.choice((1, 1, 1, 1, 1, 2, 2, 3))):
        push = draw_push(draw)
        found.append((_when(draw), *push))
    return tuple(sorted([*found, *_accidents(draw)], key=lambda each: each[0]))


def is_special(seed):
    """Whether its schedule is about one thing."""
    return seed % _ROUND in _SPECIAL


def _in_the_middle(draw):
    """Begin where an operator has died, and let more go wrong from there."""
    variant = draw.randrange(_REPLACING)
    # What is left of a life is short at its end, and there is the most to break.
    percent = max(draw.randrange(100) for _ in range(3))
    found = [(0.0, "stage", variant, percent)]
    if draw.random() < 0.4:
        found.append((0.0, "apply", _policy(draw)))
    found.append((0.0, "join"))
    if draw.random() < _WITH_OTHERS:
        found += _others(draw)
    if variant in _OF_MANY and draw.random() < 0.05:
        # Once all is decided, somebody goes back to the oldest.
        found.append((round(50.0 + 40.0 * draw.random(), 3), "rewrite", 0, "move"))
    if draw.random() < 0.2:
        push = draw_push(draw)
        found.append((_when(draw), *push))
    found += _accidents(draw)
    if draw.random() < _BURDENED:
        found.append((0.0, "burden", 3))
    return tuple(sorted(found, key=lambda each: each[0]))


def _replace(draw, _seed):
    """With Replace: newer commits while a run goes on, and more that goes wrong."""
    found = [(0.0, "stage", _REPLACING, draw.randrange(14, 50)), (0.0, "join")]
    for _ in range(draw.choice((1, 1, 2))):
        _, how, what = draw_push(draw)
        how = "whole" if draw.random() < 0.7 else how
        found.append((round(12.0 * draw.random(), 3), "push", how, what))
    return found + (_accidents(draw) if draw.random() < 0.5 else [])


def _meddle(draw, _seed):
    """A stranger on the output branch, while a model is on its way there."""
    found = [(0.0, "stage", 0, draw.randrange(50, 80)), (0.0, "join")]
    calls, seconds = draw.randrange(12, 28), draw.choice((0, 0, 0.1, 0.5))
    found.append((0.0, "at_call", 0, calls, "occupy", seconds))
    return found + (_accidents(draw) if draw.random() < 0.4 else [])


def _race(draw, _seed):
    """Two operators that publish the same model, one of which is late."""
    found = [(0.0, "stage", draw.choice((0, 0, 1)), draw.randrange(50, 80))]
    found += [(0.0, "join"), (round(draw.random(), 3), "join")]
    for _ in range(draw.choice((1, 1, 2))):
        who, calls = draw.randrange(2), draw.randrange(8, 32)
        how = draw.choice(("stop", "stop", "late", "twice", "killed"))
        if how == "stop":
            stop = "stop", "it", draw.choice((2, 5, 60))
            found.append((0.0, "at_call", who, calls, *stop))
        else:
            name = draw.choice(_PUBLISHING)
            found.append((0.0, "trouble", who, how, draw.choice((0, 0, 1)), name))
    if draw.random() < 0.4:
        found.append((round(10.0 * draw.random(), 3), "ask", 0))
    if draw.random() < 0.5:
        found.append((_soon(draw), "push", "whole", "new"))
    if draw.random() < 0.3:
        found.append((0.0, "burden", draw.choice((2, 8))))
    return found


def _others(draw):
    """One more MnistTraining in the same world, or two; and commits for all."""
    found = []
    for _ in range(draw.choice((1, 1, 1, 2))):
        kind = draw.choice(sorted(KINDS))
        found.append((_soon(draw), "found", kind, draw.randrange(len(NAMES))))
    found += [(_when(draw), *draw_push(draw)) for _ in range(draw.randrange(2))]
    for _ in range(draw.randrange(3)):
        what = draw.choice(_OF_OTHERS)(draw)
        found.append((_when(draw), "among", draw.randrange(2), *what))
    return found


def _soon(draw):
    return round(3.0 * draw.random(), 3)


def _accidents(draw):
    found = []
    kinds = draw.sample(sorted(ACCIDENTS), draw.randrange(1, 4))
    for _ in range(draw.randrange(1, 7)):
        found += _place(draw, ACCIDENTS[draw.choice(kinds)](draw))
    return sorted(found, key=lambda each: each[0])


def _policy(draw):
    """Most of what there is to configure, the policies above all."""
    if draw.random() < 0.3:
        return CHANGES.index(draw.choice(_LIMITS))
    first = len(COMMON) if draw.random() < 0.7 else 0
    return draw.randrange(first, len(CHANGES))


def _place(draw, accidents):
    """Give them their time, or the call of an operator before which they happen."""
    at = _when(draw)
    if draw.random() < 0.5:
        return [(at, *each) for each in accidents]
    who, calls = draw.randrange(2), _nth_call(draw)
    return [(at, "at_call", who, calls, *each) for each in accidents]


def _when(draw):
    """Most things happen soon after one another, or they would not meet."""
    span = _SPAN if draw.random() < 0.2 else _SPAN / 6
    return round(span * draw.random(), 3)


def _tale(draw, seed):
    return make_tale(draw, seed // _TALE)


def _busy(draw, _seed):
    return make_busy(draw, _REPLACING, _accidents)


def _promote(draw, _seed):
    return make_promoted(draw, draw_push, ACCIDENTS)


def _gate(draw, _seed):
    return make_gated(draw, draw_push, ACCIDENTS)


_SPECIAL = {
    **dict.fromkeys(range(_TALE // 2, _ROUND, _TALE), _tale),
    **dict.fromkeys((34, 54), _promote),
    **dict.fromkeys((44, 59), _gate),
    **dict.fromkeys((19, 49), _replace),
    4: lambda draw, _seed: tell_wiped(draw),
    14: _race,
    24: _busy,
    29: _meddle,
}
"""By the seed's place among `_ROUND`: what its schedule is about."""
