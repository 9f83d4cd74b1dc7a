"""The image's recipe, read as text: what can be known of it without building it."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile.trainer").read_text()


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("USER 10001:10001", id="it-never-runs-as-root"),
        pytest.param(
            'ENTRYPOINT ["python3", "-m", "mnist_trainer"]', id="it-runs-the-program"
        ),
        pytest.param(
            "COPY trainer/tfjob.py /app/tfjob.py", id="it-keeps-the-classic-command"
        ),
        pytest.param("--require-hashes", id="it-installs-what-was-locked"),
        pytest.param("SOURCE_REVISION=${REVISION}", id="it-knows-its-revision"),
        pytest.param('revision="${REVISION}"', id="and-says-so-in-its-label"),
    ],
)
def test_the_image_keeps_its_promises(line):
    assert line in DOCKERFILE
