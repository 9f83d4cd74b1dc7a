"""What happens where there is a production branch: by chance, or as a short tale."""

__all__ = ["make_promoted"]

_KINDS = ("better", "better", "better", "equal", "worse", "worse", "leaked", "silent")
_MODES = ("Automatic", "Automatic", "Automatic", "Manual")
_ACCIDENTS = ("trouble", "kill", "kill_more", "stop", "lag", "outage", "join", "ask")
_CALLS = ("create_branch", "create_branch", "append", "branch_head_id")
_TOLD = 0.7
"""So many tell a tale."""


def make_promoted(draw, push, accidents):
    """A schedule: a model, spec.promotion, more models, and who moves the branch.

    `push`: draws how a commit is made; `accidents`: by name, what else may happen.
    """
    found = [(0.0, "stage", draw.choice((0, 1)), 99), (0.0, "fare", 0, 0.5)]
    found += [(0.0, "promotion", draw.choice(_MODES)), (0.0, "join")]
    found.append((1.0, "push", "whole", "new"))
    if draw.random() < _TOLD:
        found += draw.choice(_TALES)(draw)
        return tuple(sorted(found, key=lambda each: each[0]))
    for _ in range(draw.choice((1, 2))):
        at = _when(draw, 60.0)
        how = "whole" if draw.random() < 0.8 else push(draw)[1]
        found += [(at, "compares", draw.choice(_KINDS)), (at, "push", how, "new")]
    for _ in range(draw.choice((0, 1, 1, 2))):
        found.append((_when(draw, 80.0), *_of_people(draw)))
    for _ in range(draw.choice((0, 1, 1, 2))):
        if draw.random() < 0.5:
            found.append((_when(draw, 60.0), *_at_a_move(draw)))
            continue
        what = accidents[draw.choice(_ACCIDENTS)](draw)
        found += [(_when(draw, 60.0), *each) for each in what]
    return tuple(sorted(found, key=lambda each: each[0]))


def _of_people(draw):
    """Somebody moves the branch, or wants it to be moved."""
    which = draw.choice((-1, -1, 0, 1))
    return draw.choice(
        (
            ("move", "Rollback", -1, False),
            ("move", "Rollback", which, False),
            ("move", "Promote", which, draw.random() < 0.5),
            ("by_hand", draw.randrange(3)),
            ("promotion", draw.choice(_MODES)),
            ("hold_out",),
        )
    )


def _at_a_move(draw):
    """One of the few calls by which production is moved does not go well."""
    how = draw.choice(("killed", "killed", "unanswered", "twice", "lost"))
    return "trouble", 0, how, draw.choice((0, 0, 1, 2)), draw.choice(_CALLS)


def _back(draw):
    """A rollback, after which the next model is in production, and no other."""
    found = [(30.0, "push", "whole", "new"), (60.0, "move", "Rollback", -1, False)]
    if draw.random() < 0.5:
        found.append((60.0, *_at_a_move(draw)))
    if draw.random() < 0.5:
        found.append((75.0, "move", "Rollback", -1, False))
    if draw.random() < 0.5:
        found.append((80.0, "kill", 0, 1.0))
    return [*found, (90.0, "push", "whole", "new")]


def _died(draw):
    """A model is on its way to production when the operator dies."""
    name = draw.choice(("append", "append", "create_branch"))
    found = [(30.0, "trouble", 0, "killed", draw.choice((0, 1, 1, 1, 2)), name)]
    return [*found, (30.0, "push", "whole", "new")]


def _refused(draw):
    """A model that does not pass, and what people make of that."""
    kind = draw.choice(("worse", "leaked", "silent"))
    found = [(30.0, "compares", kind), (30.0, "push", "whole", "new")]
    found.append((60.0, "move", "Promote", -1, draw.random() < 0.5))
    if draw.random() < 0.7:
        return found
    return [*found, (90.0, "compares", "equal"), (90.0, "push", "whole", "new")]


def _found(draw):
    """Somebody moves the branch by hand, and an operator dies before or after it."""
    found = [(30.0, "push", "whole", "new"), (60.0, "by_hand", draw.randrange(2))]
    if draw.random() < 0.5:
        found.append((draw.choice((58.0, 60.0)), "kill", 0, 5.0))
    return [*found, (75.0, "push", "whole", "new")]


def _meanwhile(draw):
    """While a model is compared with the champion, another one takes its place."""
    found = [(30.0, "push", "whole", "new"), (50.0, "linger", 15.0)]
    found.append((60.0, "push", "whole", "new"))
    who = draw.choice((("move", "Rollback", -1, False), ("by_hand", 1)))
    return [*found, (66.0 + 4.0 * draw.random(), *who)]


def _raced(draw):
    """Two operators, of which one comes late with its move, after a rollback."""
    found = [(28.0 + draw.random(), "join"), (30.0, "push", "whole", "new")]
    who = draw.randrange(2)
    if draw.random() < 0.7:
        found.append((30.0, "at_call", who, draw.randrange(8, 60), "stop", "it", 60))
    else:
        how = draw.choice(("late", "twice", "killed"))
        found.append((30.0, "trouble", who, how, draw.choice((0, 1, 2)), _CALLS[0]))
    return [*found, (50.0 + 20.0 * draw.random(), "move", "Rollback", -1, False)]


def _overdue(draw):
    """A move fails, is made again, and comes late, when somebody has rolled back."""
    found = [(30.0, "push", "whole", "new")]
    found.append((30.0, "trouble", 0, "late", draw.choice((0, 2)), _CALLS[0]))
    return [*found, (46.0 + 8.0 * draw.random(), "move", "Rollback", -1, False)]


_TALES = (
    *(_back, _back, _refused, _refused, _refused, _died, _died),
    *(_found, _meanwhile, _raced, _overdue, _overdue, _overdue),
)


def _when(draw, span):
    return round(span * draw.random(), 3)
