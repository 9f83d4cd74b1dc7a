"""The trainer's storage against gateways with TLS, in the trainer's own environment.

Standard input is a JSON list of the variables that trainers get, and where to keep
files; standard output one line of JSON, with what came of each.
"""

import json
import sys
from pathlib import Path

from mnist_trainer.errors import TrainerError
from mnist_trainer.s3 import S3Storage
from mnist_trainer.s3_settings import read_s3_settings


def main() -> None:
    """Copy one file from input to output, by each."""
    print(json.dumps([_copy(each) for each in json.load(sys.stdin)]))


def _copy(environment: dict[str, str]) -> str:
    buckets = {
        "source": environment["INPUT_BUCKET"],
        "target": environment["OUTPUT_BUCKET"],
    }
    settings = read_s3_settings(environment, **buckets)
    storage = S3Storage(settings, sleep=lambda _: None, say=lambda _: None)
    copy = Path(environment["DATA_DIR"]) / "copy"
    try:
        storage.download(environment["TRAINING_DATA"], copy, limit=1000)
        storage.upload(copy, environment["MODEL_FILE"])
    except TrainerError as error:
        return f"{error.reason}: {error}"
    return "copied"


if __name__ == "__main__":
    main()
