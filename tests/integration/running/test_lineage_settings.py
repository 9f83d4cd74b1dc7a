"""OpenLineage's variables and the metrics port: wrong ones are named at the start."""

import socket

import pytest

from integration.running.processes import Operator


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        pytest.param(
            {"OPENLINEAGE_URL": "http://me:hidden@:5000"},
            "OPENLINEAGE_URL must be http(s)://host:port",
            id="no-address",
        ),
        pytest.param(
            {"OPENLINEAGE__TRANSPORT__TYPE": "kafka"},
            "OPENLINEAGE__TRANSPORT__TYPE must be http or console, not 'kafka'",
            id="another-transport",
        ),
    ],
)
async def test_a_backend_that_cannot_be_meant_is_a_usage_error(world, settings, told):
    async with Operator(world, **settings) as operator:
        assert 2 == await operator.status()
        assert told in operator.told
        assert "Traceback" not in operator.told
        assert "hidden" not in operator.told


async def test_a_metrics_port_that_somebody_has_is_named_with_the_remedy(world):
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        async with Operator(world, MNIST_OPERATOR_METRICS_PORT=port) as operator:
            assert 2 == await operator.status()
            assert f"MNIST_OPERATOR_METRICS_PORT: cannot listen on {port}" in (
                operator.told
            )
            assert "Traceback" not in operator.told
