"""OpenTelemetry's own Collector as a process, and who hears what it has understood.

It is built once from its Go modules. What it takes it passes on as it understood it,
as OTLP in JSON, to the stand-in that the other tests have: it holds that against the
rules. It keeps nothing back, so what becomes of a call there is its answer here.
"""

import socket
from contextlib import suppress

import pytest

from cluster.rig.binaries import COLLECTOR, find
from cluster.rig.programs import Running
from integration.operators import InProcess
from integration.world import World
from local_cluster.ports import HeldPort
from unit.trace_collector import Collector

_SETTINGS = """\
receivers:
  otlp:
    protocols:
      http: {{endpoint: "127.0.0.1:{port}"}}
exporters:
  otlp_http:
    endpoint: "{heard}"
    encoding: json
    compression: none
    sending_queue: {{enabled: false}}
    retry_on_failure: {{enabled: false}}
service:
  telemetry: {{metrics: {{level: none}}}}
  pipelines:
    traces: {{receivers: [otlp], exporters: [otlp_http]}}
"""


@pytest.fixture(name="heard")
async def _heard():
    """Whoever hears what the real Collector has understood."""
    async with Collector() as heard:
        yield heard


@pytest.fixture(name="address")
def _address(heard, tmp_path):
    """Where the real Collector takes spans."""
    held = HeldPort()
    port = held.number
    settings = tmp_path / "collector.yaml"
    settings.write_text(_SETTINGS.format(port=port, heard=heard.url))

    def is_ready():
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 2):
            return True
        return False

    command = [str(find(COLLECTOR)), f"--config={settings}"]
    program = Running(command, tmp_path / "collector.log", is_ready)
    program.start()
    yield f"http://127.0.0.1:{port}"
    program.stop()


@pytest.fixture(name="world")
async def _world(tmp_path):
    async with World(tmp_path) as world:
        await world.create_repo()
        yield world


@pytest.fixture(name="operator")
async def _operator(world, address, monkeypatch):
    """An operator that sends to the real Collector, as a pod is told to."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a-key")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "trainings")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=a%20test")
    async with InProcess(world) as operator:
        yield operator
