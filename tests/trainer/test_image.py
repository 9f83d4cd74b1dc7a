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
        pytest.param(
            "cp trainer.txt /opt/trainer/requirements.txt", id="it-keeps-that-list"
        ),
        pytest.param(
            "cp trainer-gpu.txt /opt/trainer/requirements.txt", id="or-that-for-a-gpu"
        ),
        pytest.param(
            "-r /opt/trainer/requirements.txt", id="it-installs-the-list-that-it-keeps"
        ),
    ],
)
def test_the_image_keeps_its_promises(line):
    assert line in DOCKERFILE


@pytest.mark.parametrize(
    ("label", "variable", "value"),
    [
        pytest.param("revision", "SOURCE_REVISION", "${REVISION}", id="revision"),
        pytest.param("source", "SOURCE_URL", "${SOURCE_URL}", id="where-it-is"),
    ],
)
def test_what_its_labels_say_the_program_knows_too(label, variable, value):
    """Both are made of one build argument, which the last stage has to name again."""
    last = DOCKERFILE.rpartition("\nFROM ")[2]

    assert f'org.opencontainers.image.{label}="{value}"' in last
    assert f"{variable}={value}" in last
    assert f"\nARG {value.strip('${}')}=" in last


def test_the_program_knows_the_list_that_its_packages_were_installed_from():
    last = DOCKERFILE.rpartition("\nFROM ")[2]

    assert "REQUIREMENTS_FILE=/opt/trainer/requirements.txt" in last
    assert "COPY --from=build /opt/trainer /opt/trainer" in last
