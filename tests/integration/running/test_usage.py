"""What turns out only at the start to be of no use: a usage error, and no traceback."""

import socket

from integration.running.processes import Operator


async def test_a_port_that_somebody_has_is_named_with_the_remedy(world):
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        async with Operator(world, MNIST_OPERATOR_HEALTH_PORT=port) as operator:
            assert 2 == await operator.status()
            assert f"MNIST_OPERATOR_HEALTH_PORT: cannot listen on {port}" in (
                operator.told
            )
            assert "0 for no probes" in operator.told
            assert "Traceback" not in operator.told


async def test_a_kubeconfig_that_cannot_be_used_is_named(world, tmp_path):
    missing = str(tmp_path / "none")
    async with Operator(world, KUBECONFIG=missing) as operator:
        assert 2 == await operator.status()
        assert f"KUBECONFIG: {missing} cannot be used" in operator.told
        assert "Traceback" not in operator.told
