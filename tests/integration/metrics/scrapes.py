"""What Prometheus would read from the operator's port, read by its own parser."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from integration.world import until
from mnist_operator.metric_families import PREFIX

__all__ = ["Scrape", "Scraper"]

TRAINING = {"namespace": "team", "training": "mnist"}


@dataclass(frozen=True)
class Scrape:
    """All samples at one moment."""

    samples: dict[tuple[str, frozenset[tuple[str, str]]], float]
    text: str

    def get(self, name: str, **labels: str) -> float | None:
        """One series; None where it is not there."""
        return self.samples.get((name, frozenset(labels.items())))

    def own(self, name: str, **labels: str) -> float | None:
        """The same, of the training of a world."""
        return self.get(name, **TRAINING, **labels)

    def sum(self, name: str, **labels: str) -> float:
        """All series of a metric that have these labels."""
        wanted = labels.items()
        return sum(
            value
            for (found, has), value in self.samples.items()
            if found == name and wanted <= dict(has).items()
        )

    def names_of(self, training: str) -> set[str]:
        """The metrics that have series of a training."""
        pair = ("training", training)
        return {name for name, labels in self.samples if pair in labels}


class Scraper:
    """Asks the port of an operator; remembers which metrics a test has looked at."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/metrics"

    async def scrape(self) -> Scrape:
        """Everything, now."""
        async with aiohttp.ClientSession() as session, session.get(self.url) as answer:
            assert 200 == answer.status
            text = await answer.text()
        samples = {
            (sample.name.removeprefix(PREFIX), frozenset(sample.labels.items())): (
                sample.value
            )
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
        return Scrape(samples, text)

    async def until(self, look: Callable[[Scrape], Any], what: str) -> Scrape:
        """Scrape until this is true of it; return that scrape."""

        async def try_it() -> Scrape | None:
            try:
                found = await self.scrape()
            except aiohttp.ClientConnectionError:
                return None  # The port is not open yet.
            return found if look(found) else None

        scraped: Scrape = await until(try_it, what)
        return scraped
