"""Those outside who are told of runs: an OpenLineage backend, a collector of traces."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mnist_operator.lineage_events import Events, sending
from mnist_operator.lineage_transport import read_transport
from mnist_operator.metrics import Metrics
from mnist_operator.otel_settings import read_collector
from mnist_operator.settings import SettingError
from mnist_operator.trace_export import Traces, exporting

__all__ = ["NOBODY", "Listeners", "listening"]


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who is told; None: nobody."""

    events: Events | None = None
    traces: Traces | None = None


NOBODY = Listeners()


@asynccontextmanager
async def listening(
    environ: Mapping[str, str], metrics: Metrics
) -> AsyncIterator[Listeners]:
    """Tell those whom the standard variables name, for as long as this lasts.

    Raises:
        SettingError: A variable cannot be followed; the message names it.
    """
    try:
        transport, collector = read_transport(environ), read_collector(environ)
    except ValueError as error:
        raise SettingError(str(error)) from error
    async with (
        sending(transport, metrics) as events,
        exporting(collector, metrics) as traces,
    ):
        yield Listeners(events, traces)
