"""Many models before the gate: how they answer is drawn, and who passes is not.

Most images are easy, and every model has them right. Of the others it has each with
the same chance, anew for each model: so two models of one kind are equally good, and
differ on some images all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from mnist_operator.gate import Bars, Figures, Mark, Ruling, find_next_mark, judge
from unit.builders import ident

__all__ = ["CLASSIC", "Life", "Makers", "count_refused", "live"]

_DIGITS = 16
"""Binary digits of a chance."""


@dataclass(frozen=True)
class Makers:
    """What makes models of one kind, and the images that they are measured on."""

    images: int
    accuracy: float
    """Of the models on average, 0..1."""
    hard: float = 0.04
    """Share of the images that not every model has right."""

    def make(self, draw: Random, *, worse: float = 0.0) -> int:
        """One model: a bit for each hard image, 1 where it is right.

        `worse`: by how much its accuracy is less than that of the others, on average.
        """
        chance = 1 - (1 - self.accuracy + worse) / self.hard
        many, drawn = round(self.images * self.hard), 0
        for digit in range(_DIGITS):
            bits = draw.getrandbits(many)
            is_set = round(chance * 2**_DIGITS) >> digit & 1
            drawn = bits | drawn if is_set else bits & drawn
        return drawn

    def compare(self, old: int | None, new: int) -> Figures:
        """What the trainer counts; no old one: none was in production."""
        easy = self.images - round(self.images * self.hard)
        if old is None:
            right = easy + new.bit_count()
            wrong = self.images - right
            return Figures(0, 0, right, wrong, 0, has_champion=False)
        both, lost = easy + (old & new).bit_count(), (old & ~new).bit_count()
        won = (new & ~old).bit_count()
        return Figures(both, lost, won, self.images - both - lost - won, 0)


CLASSIC = Makers(10_000, 0.99)
"""About what the recipes make of MNIST, on as many images as its test split has."""


def count_refused(
    makers: Makers,
    seed: int,
    rounds: int,
    *,
    worse: float = 0.0,
    bars: Bars | None = None,
) -> int:
    """How many of so many pairs end with the second model refused."""
    draw, asked = Random(seed), bars or Bars()  # noqa: S311 (no secret)
    return sum(
        judge(
            makers.compare(makers.make(draw), makers.make(draw, worse=worse)), asked
        ).ruling
        is Ruling.REFUSED
        for _ in range(rounds)
    )


@dataclass(frozen=True)
class Life:
    """What became of one model after the other."""

    reasons: list[str]
    """What was said of each."""
    production: list[int]
    """By number, which model was in production after each of them."""

    @property
    def held(self) -> int:
        """How many stayed outside."""
        return sum(each not in {"First", "NotWorse"} for each in self.reasons)


def live(
    makers: Makers,
    seed: int,
    losses: Sequence[float],
    *,
    bars: Bars | None = None,
    with_mark: bool = True,
) -> Life:
    """Let one model after the other come, each worse than the makers' by so much."""
    draw, asked = Random(seed), bars or Bars()  # noqa: S311 (no secret)
    champion: int | None = None
    mark: Mark | None = None
    number, reasons, production = 0, list[str](), list[int]()
    for place, loss in enumerate(losses):
        model = makers.make(draw, worse=loss)
        figures = makers.compare(champion, model)
        word = judge(figures, asked, mark if with_mark else None)
        reasons.append(word.reason)
        if word.ruling is Ruling.PASSED:
            mark = find_next_mark(figures, ident(number), mark)
            champion, number = model, place
        production.append(number)
    return Life(reasons, production)
