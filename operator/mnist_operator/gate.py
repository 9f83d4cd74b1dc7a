"""Whether a new model may take the old one's place: the promotion gate. Pure.

A fixed "must not be lower" would turn down half of all models that are as good as the
one before, by chance alone. So a model is worse only where McNemar's test says so, on
the same images, and the drop is more than the spec allows: docs/promotion.md.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from mnist_operator.mcnemar import find_p_value

__all__ = ["LEVEL", "Bars", "Figures", "Judgement", "Ruling", "judge", "withhold"]

LEVEL = Fraction(1, 100)
"""One in so many equally good models is called worse by chance, at the most."""


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
class Judgement:
    """The gate's word about one model."""

    ruling: Ruling
    reason: str
    """One word for programs."""
    message: str
    """The same for people, with the figures that decided."""


def judge(figures: Figures, bars: Bars) -> Judgement:
    """Decide by the figures; there is at least one held-out image."""
    told = _tell(figures)
    seen = figures.leaked_challenger + figures.leaked_champion
    if seen:
        whose = (
            "the new model" if figures.leaked_challenger else "the one in production"
        )
        many = figures.leaked_challenger or figures.leaked_champion
        message = (
            f"{many} of {figures.count} held-out images are among those that {whose}"
            " was trained on, so they measure nothing: name other images in"
            f" spec.promotion.heldOut. {told}"
        )
        return Judgement(Ruling.REFUSED, "Leaked", message)
    if bars.min_accuracy and figures.accuracy < Fraction(bars.min_accuracy):
        message = f"Below spec.promotion.minAccuracy: {bars.min_accuracy}. {told}"
        return Judgement(Ruling.REFUSED, "BelowMinAccuracy", message)
    p_value, allowed = figures.p_value, Fraction(bars.max_regression)
    if p_value is not None and p_value < LEVEL and figures.regression > allowed:
        message = (
            f"Worse than the model in production: p is below {float(LEVEL)}, and the"
            f" drop is more than spec.promotion.maxRegression: {bars.max_regression}."
            f" {told}"
        )
        return Judgement(Ruling.REFUSED, "Worse", message)
    reason = "NotWorse" if figures.has_champion else "First"
    return Judgement(Ruling.PASSED, reason, told)


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
