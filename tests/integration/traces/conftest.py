"""A world with an operator that sends spans to a collector."""

import pytest

from integration.operators import InProcess
from unit.trace_collector import Collector


@pytest.fixture(name="collector")
async def _collector():
    async with Collector() as collector:
        yield collector


@pytest.fixture(name="listened")
def _listened(collector, monkeypatch):
    """The variables by which an operator finds the collector, as a pod has them."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a-key-to-look-for")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "trainings")


@pytest.fixture(name="operator")
async def _operator(world, listened):
    async with InProcess(world) as operator:
        yield operator
