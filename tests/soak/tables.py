"""What a soak has measured, as a table."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from soak.verdict import Growth

__all__ = ["show"]

_WIDTH = 100


def show(growths: Sequence[Growth], title: str) -> None:
    """Print what is measured of the process, and what there is more of in it."""
    table = Table(title=title, title_justify="left")
    table.add_column("", justify="left")
    for column in ("second fifth", "last fifth", "growth", "allowed", ""):
        table.add_column(column, justify="right")
    held = [each for each in growths if each.name.startswith("in ")]
    whole = [each for each in growths if each not in held]
    grown = sorted(
        (each for each in held if each.after > each.before),
        key=lambda each: (each.is_more, each.after - each.before),
        reverse=True,
    )
    for each in [*whole, *grown]:
        numbers = (each.before, each.after, each.after - each.before, each.allowed)
        told = "GROWS" if each.is_more else "flat"
        table.add_row(each.name, *(f"{number:.1f}" for number in numbers), told)
    console = Console(width=_WIDTH, highlight=False, emoji=False)
    console.print(table)
    console.print(f"{len(held) - len(grown)} attributes hold no more than they did.")
