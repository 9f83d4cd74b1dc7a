"""A disk that fills up is worth another attempt, wherever in a run it does."""

import json
import resource

import pytest

from mnist_trainer import formats
from mnist_trainer.errors import DiskError, ExitCode
from trainer.buckets import SOURCE, TARGET
from trainer.networks import NAMES, a_network
from trainer.programs import DEADLINE, start
from trainer.samples import arrays, pack

TOKEN = "a-token-of-nobody"


def test_a_disk_that_fills_up_during_the_run_is_worth_another_attempt(tmp_path, s3):
    """It has room for the data and not for the model, which HDF5 tells in its way."""
    s3.objects[f"/{SOURCE}/data/mnist.npz"] = pack(arrays())
    process = start(
        tmp_path,
        S3_ENDPOINT=s3.endpoint,
        S3_USE_HTTPS="0",
        INPUT_BUCKET=SOURCE,
        OUTPUT_BUCKET=TARGET,
        AWS_ACCESS_KEY_ID=TOKEN,
        AWS_SECRET_ACCESS_KEY=TOKEN,
        TRAINER_PARAMETERS='{"epochs": 1}',
    )
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (100_000, 100_000))
    out, err = process.communicate(timeout=DEADLINE)
    words = json.loads((tmp_path / "last-words").read_text())

    assert (ExitCode.DISK, "DiskUnusable") == (process.returncode, words["reason"])
    assert "my_model.h5 cannot be written (" in words["message"]
    assert words["message"].endswith("name another folder (DATA_DIR, --output)")
    assert TOKEN not in out + err
    assert [] == s3.uploaded()
    assert [] == list((tmp_path / "scratch").iterdir())


# Not HDF5: its library crashes at the second file that it cannot write, which ends a
# run with 139, and that is retryable too.
FORMATS = {
    "my_model.keras": formats.save_keras,
    "served": lambda network, path: formats.save_saved_model(network, path, NAMES),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_disk_that_is_full_at_any_byte_of_a_model_is_the_disks_fault(
    engine, tmp_path, name
):
    network = a_network()
    FORMATS[name](network, tmp_path / name)
    (file,) = [each for each in tmp_path.rglob("*") if each.is_file()]
    size = file.stat().st_size
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for room in range(0, size, size // 7):
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
        try:
            with pytest.raises((DiskError, OSError)):
                FORMATS[name](network, tmp_path / name)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
