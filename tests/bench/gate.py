"""The promotion gate's errors, and what it finds: `python -m bench.gate [ROUNDS]`.

The models are drawn, so nothing here depends on the machine: the same numbers come out
each time. They are those of docs/promotion.md.
"""

import sys
from collections.abc import Sequence

from unit.gate_lives import CLASSIC, Makers, count_refused, live

__all__ = ["main"]

_ROUNDS = 4000
_LOSSES = (0.0, 0.002, 0.005, 0.01)
_SIZES = (1000, 2000, 5000, 10_000, 20_000)
_LIVES = 40
_STEPS = (0.0002, 0.0005, 0.001, 0.002)
_WAY_DOWN = 0.02


def main() -> int:
    """Print two tables, as Markdown has them."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else _ROUNDS
    _show(["images", *(f"worse by {loss:.1%}" for loss in _LOSSES)])
    for images in _SIZES:
        makers = Makers(images, 0.99)
        refused = (count_refused(makers, 1, rounds, worse=each) for each in _LOSSES)
        _show([f"{images:,}", *(f"{each / rounds:.1%}" for each in refused)])
    _show(["each model", "without a mark", "with it"])
    held = [[_hold(seed, with_mark=each) for seed in range(_LIVES)] for each in (0, 1)]
    _show(["equal: held", *(f"{sum(each) / len(each):.2%}" for each in held)])
    _show(["equal: held at most in a life", *(f"{max(each):.1%}" for each in held)])
    for step in _STEPS:
        lost = [
            [_fall(step, seed, with_mark=m) for seed in range(_LIVES)] for m in (0, 1)
        ]
        told = (f"{sum(each) / _LIVES:.2%}, at most {max(each):.2%}" for each in lost)
        _show([f"worse by {step:.2%} than the one before: lost", *told])
    return 0


def _hold(seed: int, *, with_mark: int) -> float:
    """Share of equal models that are held, of 300 in a row."""
    return live(CLASSIC, seed, [0.0] * 300, with_mark=bool(with_mark)).held / 300


def _fall(step: float, seed: int, *, with_mark: int) -> float:
    """How far production is down after models that lost two points in such steps."""
    losses = [step * number for number in range(round(_WAY_DOWN / step) + 1)]
    return losses[live(CLASSIC, seed, losses, with_mark=bool(with_mark)).production[-1]]


def _show(cells: Sequence[str]) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
