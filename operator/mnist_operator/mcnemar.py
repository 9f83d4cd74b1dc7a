"""McNemar's exact test: is one of two models worse, by the images they differ on. Pure.

Both models answer the same images. Where both are right, or both wrong, nothing tells
them apart; so only the discordant images count, those that one alone has right. If
neither model were better, each of these would be as likely to be the one's as the
other's: their number has a binomial distribution with probability one half.

Source: Q. McNemar, "Note on the sampling error of the difference between correlated
proportions or percentages", Psychometrika 12 (1947), pages 153 to 157; the exact form
of it is the sign test on the discordant pairs.
"""

from math import comb, exp, lgamma, log

__all__ = ["find_p_value"]

_EXACT = 1000
"""Up to so many discordant images the sum is of whole numbers, without rounding."""
_NEGLIGIBLE = 1e-17


def find_p_value(lost: int, won: int) -> float:
    """The chance that equal models differ so much, or more, to the second's cost.

    Args:
        lost: images that only the first model has right, 0 or more.
        won: images that only the second model has right, 0 or more.

    Returns:
        P(X >= lost) for X of a binomial distribution of lost + won trials with
        probability one half: small when the second model is worse. 1 when no image
        tells them apart.

    """
    pairs = lost + won
    if pairs <= _EXACT:
        return _count_tail(pairs, lost) / (1 << pairs)
    if lost > won:
        return _find_tail(pairs, lost)
    # P(X >= k) is 1 - P(X >= n - k + 1), for a half is as likely as the other half.
    return 1 - _find_tail(pairs, won + 1)


def _count_tail(pairs: int, least: int) -> int:
    """How many of all ways to share out the images give the first so many, or more."""
    total = term = comb(pairs, least)
    for k in range(least, pairs):
        term = term * (pairs - k) // (k + 1)
        total += term
    return total


def _find_tail(pairs: int, least: int) -> float:
    """P(X >= least), beyond the middle: each term is smaller than the one before."""
    chosen = lgamma(pairs + 1) - lgamma(least + 1) - lgamma(pairs - least + 1)
    total = term = 1.0
    for k in range(least, pairs):
        term *= (pairs - k) / (k + 1)
        total += term
        if term < _NEGLIGIBLE * total:
            break
    return min(exp(chosen - pairs * log(2)) * total, 1.0)
