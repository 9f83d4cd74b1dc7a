"""Who is told of runs follows from the standard variables, and from nothing else."""

import pytest

from mnist_operator.listeners import NOBODY, listening
from mnist_operator.metrics import Metrics
from mnist_operator.settings import SettingError


async def test_nobody_is_told_unasked():
    async with listening({}, Metrics()) as listeners:
        assert NOBODY == listeners


async def test_each_is_asked_for_by_its_own_variable():
    nowhere = "http://127.0.0.1:1"
    environ = {"OPENLINEAGE_URL": nowhere, "OTEL_EXPORTER_OTLP_ENDPOINT": nowhere}
    async with listening(environ, Metrics()) as listeners:
        assert listeners.events is not None
        assert listeners.traces is not None


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        pytest.param(
            {"OPENLINEAGE_URL": "marquez"}, "OPENLINEAGE_URL must be", id="openlineage"
        ),
        pytest.param(
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317",
                "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            },
            "OTEL_EXPORTER_OTLP_PROTOCOL must be http/json",
            id="traces",
        ),
    ],
)
async def test_what_cannot_be_followed_is_an_error_of_the_settings(environ, told):
    with pytest.raises(SettingError, match=told):
        async with listening(environ, Metrics()):
            raise AssertionError("nobody listens")
