"""Whether a new model may take the old one's place: the promotion gate. Pure.

A fixed "must not be lower" would turn down half of all models that are as good as the
one before, by chance alone. So a model is worse only where McNemar's test says so, on
the same images, and the drop is more than the spec allows: docs/promotion.md.

Each of many models may be a little worse than the one before, and no test would see
it. So production has a mark, an earlier model that is only replaced by one that is
better beyond doubt; who passes must not be worse than the mark either.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from mnist_operator.mcnemar import find_p_value

__all__ = [
    "LEVEL",
    "Bars",
    "Figures",
    "Judgement",
    "Mark",
    "Ruling",
    "find_next_mark",
    "judge",
    "withhold",
]

LEVEL = Fraction(1, 100)
"""One in so many equally good models is called worse by chance, at the most."""
_BEYOND_DOUBT = Fraction(1, 10_000)
"""One in so many equally good models is called better by chance, and is a new mark.

It stays the mark for long, and what comes after it does not come up to its luck; where
that was one in a hundred, equal models were refused four times as often.
"""


class Ruling(StrEnum):
    """What the gate says of a model."""

    PASSED = "Passed"
    REFUSED = "Refused"
    NOT_COMPARED = "NotCompared"
    """There is no comparison to go by: nothing is said against the model."""


@dataclass(frozen=True, slots=True)
class Bars:
    """What spec.promotion asks of a model, as decimal strings; empty: nothing."""

    min_accuracy: str = ""
    max_regression: str = "0"


@dataclass(frozen=True, slots=True)
class Figures:
    """How both models answered the held-out images, and which they had seen before."""

    both_right: int
    only_champion: int
    """Right by the model in production alone. 0 where there is none."""
    only_challenger: int
    both_wrong: int
    leaked_challenger: int
    """Held-out images that are among those the new model was trained on."""
    leaked_champion: int = 0
    has_champion: bool = True

    @property
    def count(self) -> int:
        """All held-out images."""
        right = self.both_right + self.only_champion + self.only_challenger
        return right + self.both_wrong

    @property
    def wrong(self) -> int:
        """Images that the new model has wrong."""
        return self.only_champion + self.both_wrong

    @property
    def accuracy(self) -> Fraction:
        """Of the new model."""
        return Fraction(self.both_right + self.only_challenger, self.count)

    @property
    def regression(self) -> Fraction:
        """By how much the new model is less accurate; negative: it is better."""
        return Fraction(self.only_champion - self.only_challenger, self.count)

    @property
    def champion_accuracy(self) -> Fraction | None:
        """Of the model in production; None where there is none."""
        if not self.has_champion:
            return None
        return Fraction(self.both_right + self.only_champion, self.count)

    @property
    def p_value(self) -> float | None:
        """That of McNemar's test; None where there is nothing to compare with."""
        if not self.has_champion:
            return None
        return find_p_value(self.only_champion, self.only_challenger)


@dataclass(frozen=True, slots=True)
class Mark:
    """An earlier model in production, and how it did on the same held-out images."""

    commit: str
    right: int
    """Images that it had right when it was measured."""
    count: int
    """All of them."""

    def compares(self, figures: Figures) -> bool:
        """Whether it was measured on as many images; else they are not the same."""
        return self.count == figures.count

    def regression(self, figures: Figures) -> Fraction:
        """By how much a new model is less accurate than it; negative: it is better."""
        return Fraction(self.right, self.count) - figures.accuracy

    def p_value(self, figures: Figures) -> float:
        """At most that of McNemar's test that a new model is worse than it."""
        return find_p_value(figures.wrong, self.count - self.right)

    def p_value_better(self, figures: Figures) -> float:
        """The same, that a new model is better."""
        return find_p_value(self.count - self.right, figures.wrong)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The gate's word about one model."""

    ruling: Ruling
    reason: str
    """One word for programs."""
    message: str
    """The same for people, with the figures that decided."""


def judge(figures: Figures, bars: Bars, mark: Mark | None = None) -> Judgement:
    """Decide by the figures; there is at least one held-out image.

    Args:
        figures: what was counted.
        bars: what spec.promotion asks.
        mark: an earlier model that it must not be worse than; None: there is none but
            the one in production, or it was measured on other images.

    """
    told = _tell(figures)
    fault = (
        _find_leak(figures)
        or _find_low(figures, bars)
        or _find_worse(figures, bars)
        or (_find_drift(figures, bars, mark) if mark is not None else None)
    )
    if fault is not None:
        reason, message = fault
        return Judgement(Ruling.REFUSED, reason, f"{message} {told}")
    reason = "NotWorse" if figures.has_champion else "First"
    return Judgement(Ruling.PASSED, reason, told)


def _find_leak(figures: Figures) -> tuple[str, str] | None:
    if not figures.leaked_challenger + figures.leaked_champion:
        return None
    whose = "the new model" if figures.leaked_challenger else "the one in production"
    many = figures.leaked_challenger or figures.leaked_champion
    message = (
        f"{many} of {figures.count} held-out images are among those that {whose}"
        " was trained on, so they measure nothing: name other images in"
        " spec.promotion.heldOut."
    )
    return "Leaked", message


def _find_low(figures: Figures, bars: Bars) -> tuple[str, str] | None:
    if not bars.min_accuracy or figures.accuracy >= Fraction(bars.min_accuracy):
        return None
    message = f"Below spec.promotion.minAccuracy: {bars.min_accuracy}."
    return "BelowMinAccuracy", message


def _find_worse(figures: Figures, bars: Bars) -> tuple[str, str] | None:
    p_value, allowed = figures.p_value, Fraction(bars.max_regression)
    if p_value is None or p_value >= LEVEL or figures.regression <= allowed:
        return None
    message = (
        f"Worse than the model in production: p is below {float(LEVEL)}, and the"
        f" drop is more than spec.promotion.maxRegression: {bars.max_regression}."
    )
    return "Worse", message


def _find_drift(figures: Figures, bars: Bars, mark: Mark) -> tuple[str, str] | None:
    """Whether it is worse than the mark, by what both had wrong on the same images.

    How many images they differ on is not known, for the mark is not asked again. It
    is the most where none is wrong for both, and then p is the largest; so nothing is
    refused that the test with all answers would let pass.
    """
    if not mark.compares(figures) or mark.p_value(figures) >= LEVEL:
        return None
    if mark.regression(figures) <= Fraction(bars.max_regression):
        return None
    message = (
        f"Worse than model {mark.commit}, which was in production before, by many"
        f" small losses: that had {mark.right} of the same {mark.count} images right,"
        f" p is {mark.p_value(figures):.3g} at most, and the drop since is more than"
        f" spec.promotion.maxRegression: {bars.max_regression}."
    )
    return "Drifted", message


def find_next_mark(figures: Figures, champion: str, mark: Mark | None) -> Mark | None:
    """What is compared with later models, once this one has passed; None: itself.

    Only a model that is better beyond doubt is a new mark: the best of many equal ones
    is the one that was lucky, and those after it would not come up to that.
    """
    if not figures.has_champion:
        return None
    if mark is not None and mark.compares(figures):
        return None if mark.p_value_better(figures) < _BEYOND_DOUBT else mark
    # The model in production answers the same images, so all is known.
    better = find_p_value(figures.only_challenger, figures.only_champion)
    right = figures.both_right + figures.only_champion
    return None if better < _BEYOND_DOUBT else Mark(champion, right, figures.count)


def withhold(message: str) -> Judgement:
    """The word about a model that was not compared, and why."""
    return Judgement(Ruling.NOT_COMPARED, "NotCompared", message)


def _tell(figures: Figures) -> str:
    """The figures in a sentence: accuracies, sample sizes, p."""
    accuracy = f"Accuracy {float(figures.accuracy):.4f}"
    before, p_value = figures.champion_accuracy, figures.p_value
    if before is None or p_value is None:
        return f"{accuracy} on {figures.count} held-out images; none was in production."
    return (
        f"{accuracy}, in production {float(before):.4f}, on {figures.count} held-out"
        f" images; right by the new one alone {figures.only_challenger}, by the one in"
        f" production alone {figures.only_champion}: p = {p_value:.3g} (McNemar's"
        " test, that it is worse)."
    )
