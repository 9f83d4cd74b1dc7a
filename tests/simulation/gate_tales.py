"""What happens where there is a data gate: by chance, or as one of three tales."""

from simulation.gated import ODD, POLICIES

__all__ = ["make_gated"]

_TOLD = 0.5
"""So many gated schedules tell one of three short tales."""
_GATES = ("Hold", "Hold", "Hold", "Hold", "Warn")
_OTHERS = ("beside", "plain", "shared runs", "branch")
"""Kinds of other MnistTrainings on the same input branch; see `tenants`."""
_ACCIDENTS = ("trouble", "kill", "kill_more", "stop", "lag", "outage", "join", "ask")


def make_gated(draw, push, accidents):
    """A schedule: a model, a gate, data of both kinds, and answers to what is held.

    `push`: draws how a commit is made; `accidents`: by name, what else may happen.
    """
    if draw.random() < _TOLD:
        tale = draw.choice((_side_by_side, _taken_away, _pressing))(draw)
        begin = [(0.0, "stage", 0, 99), (0.0, "gate", "Hold"), (0.0, "join")]
        return tuple(sorted([*begin, *tale], key=lambda each: each[0]))
    found = [(0.0, "stage", 0, 99), (0.0, "gate", draw.choice(_GATES))]
    if draw.random() < 0.4:
        found.append((0.0, "policy", draw.randrange(len(POLICIES))))
    found.append((0.0, "join"))
    if draw.random() < 0.2:
        how = draw.choice(("move", "squash", "squash", "branch"))
        found.append((_when(draw), "rewrite", draw.randrange(4), how))
    if draw.random() < 0.15:
        found.append((_when(draw, 3.0), "found", draw.choice(_OTHERS), 0))
    for _ in range(2):
        what = ODD if draw.random() < 0.8 else "new"
        how = "whole" if draw.random() < 0.7 else push(draw)[1]
        found.append((_when(draw, 10.0), "push", how, what))
    found += [
        (_when(draw), "answer", draw.choice((0, 1, 1)), draw.random() < 0.4)
        for _ in range(draw.choice((1, 1, 2)))
    ]
    if draw.random() < 0.3:
        found.append((_when(draw), "gate", draw.choice(("Hold", "Warn", ""))))
    for _ in range(draw.choice((0, 1, 1))):
        what = accidents[draw.choice(_ACCIDENTS)](draw)
        found += [(_when(draw), *each) for each in what]
    return tuple(sorted(found, key=lambda each: each[0]))


def _side_by_side(draw):
    """With Allow: what is to be held comes while an older commit is trained."""
    policy, at = len(POLICIES) - 1, 1.0 + draw.random()
    found = [(0.0, "policy", policy), (at, "push", "whole", "new")]
    found.append((at + 0.5 + 2.0 * draw.random(), "push", "whole", ODD))
    return [*found, (_when(draw), "answer", 0, draw.random() < 0.5)]


def _taken_away(draw):
    """What is held is squashed, and then answered for."""
    found = [(1.0 + draw.random(), "push", "whole", ODD)]
    found.append((10.0 + 5.0 * draw.random(), "rewrite", 1, "squash"))
    return [*found, (20.0, "answer", 0, draw.random() < 0.2)]


def _pressing(draw):
    """What is held is released while another commit is trained."""
    found = [(1.0 + draw.random(), "push", "whole", ODD), (0.0, "linger", 15.0)]
    found.append((12.0 + draw.random(), "push", "whole", "new"))
    return [*found, (17.0 + 5.0 * draw.random(), "answer", 0, False)]


def _when(draw, span=40.0):
    return round(span * draw.random(), 3)
