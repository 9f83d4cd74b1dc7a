"""What a panel is, and the queries that panels are made of.

Queries take the sum or the maximum over pods, so that a restart or a standby does not
double what they show.
"""

from dataclasses import dataclass, field

__all__ = [
    "BY",
    "NAME",
    "OWN",
    "SPACE",
    "Panel",
    "Query",
    "day",
    "each",
    "quantiles",
    "rates",
    "stat",
]

OWN = 'namespace=~"$namespace", training=~"$training"'
"""The trainings that were chosen at the top."""
SPACE = 'namespace=~"$namespace"'
BY = "by (namespace, training)"
NAME = "{{namespace}}/{{training}}"


@dataclass(frozen=True)
class Query:
    """One query, and what its series are called in the legend."""

    expr: str
    legend: str = ""


@dataclass(frozen=True)
class Panel:
    """One panel; it stands to the right of the one before, as far as there is room."""

    title: str
    queries: tuple[Query, ...]
    says: str
    kind: str = "timeseries"
    """timeseries, stat or table, as Grafana calls them."""
    unit: str = "short"
    width: int = 8
    """Of 24."""
    red: str = ""
    """Of a stat: red `above` 0 or `below` 1, else green; empty: it has no colour."""
    bounds: dict[str, float] = field(default_factory=dict)
    """min and max of the axis."""


def quantiles(metric: str, where: str, by: str = "") -> tuple[Query, ...]:
    """Median and 95th percentile of a histogram, for each value of a label."""
    grouped = f"le, {by}" if by else "le"
    rate = f"sum by ({grouped}) (rate({metric}_bucket{{{where}}}[$__rate_interval]))"
    name = f" {{{{{by}}}}}" if by else ""
    return tuple(
        Query(f"histogram_quantile({share}, {rate})", f"{word}{name}")
        for share, word in ((0.5, "half within"), (0.95, "95 % within"))
    )


def rates(metric: str, where: str, *by: str) -> tuple[Query, ...]:
    """Events in a second, by labels."""
    rate = f"sum by ({', '.join(by)}) (rate({metric}{{{where}}}[$__rate_interval]))"
    return (Query(rate, " ".join(f"{{{{{each}}}}}" for each in by)),)


def each(metric: str, how: str = "max") -> tuple[Query, ...]:
    """One line for each training."""
    return (Query(f"{how} {BY} (mnist_operator_{metric}{{{OWN}}})", NAME),)


def stat(title: str, expr: str, says: str, *, red: str = "", width: int = 3) -> Panel:
    """One number."""
    return Panel(title, (Query(expr),), says, "stat", "none", width, red)


def day(decision: str) -> str:
    """How many commits were decided so in a day."""
    labels = f'{OWN}, decision="{decision}"'
    return f"round(sum(increase(mnist_operator_decisions_total{{{labels}}}[1d])))"
