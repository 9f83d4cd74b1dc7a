"""Nobody waits for a client that a question does not need."""

import subprocess
import sys

import pytest

SLOW = {"grpc", "kopf", "kubernetes", "python_pachyderm"}


@pytest.mark.parametrize(
    ("module", "needed"),
    [
        pytest.param("app", set(), id="the-command-line-alone"),
        pytest.param("records", {"grpc", "python_pachyderm"}, id="records"),
        pytest.param("trainings", {"kubernetes"}, id="trainings"),
    ],
)
def test_only_the_client_that_is_asked_is_imported(module, needed):
    script = f"import sys, mnist_operator.cli.{module}; print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        check=True,
        capture_output=True,
        text=True,
    )

    assert needed == SLOW & set(done.stdout.split())
