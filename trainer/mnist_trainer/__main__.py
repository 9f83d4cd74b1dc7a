"""For starting the trainer: composition, exit codes and last words, nothing else.

At a terminal, with MNIST's archive at hand:

    python -m mnist_trainer --data mnist.npz --output out/

trains on 60,000 images and ends after some ten seconds on two cores with about
99.3 % of the test images recognised.
In a pod, environment variables say where the buckets are; see ``config``.
"""

import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import MutableMapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from mnist_trainer import config as configs
from mnist_trainer import farewell, run
from mnist_trainer.config import Config, Folders
from mnist_trainer.errors import ExitCode, TrainerError
from mnist_trainer.folder import FolderStorage
from mnist_trainer.narrator import Narrator
from mnist_trainer.storage import Storage

__all__ = ["main"]


def main(arguments: Sequence[str], environment: MutableMapping[str, str]) -> int:
    """Do one run; whatever happens, end with a code and a reason."""
    log = configs.find_termination_log(environment)
    narrator = Narrator(sys.stdout)
    try:
        config = configs.read_config(arguments, environment)
        message = _run(config, environment, narrator)
    except TrainerError as error:
        return _end(log, narrator, error.code, error.reason, str(error))
    except OSError as error:
        # The network's own failures have been told apart by then.
        return _end(log, narrator, ExitCode.DISK, "DiskUnusable", str(error))
    except Exception as error:  # noqa: BLE001 (told to people, with its traceback)
        traceback.print_exc()
        text = f"{type(error).__name__}: {error}"
        return _end(log, narrator, ExitCode.BUG, "InternalError", text)
    return _end(log, narrator, ExitCode.DONE, "Completed", message)


def _run(
    config: Config, environment: MutableMapping[str, str], narrator: Narrator
) -> str:
    config.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix="run-", dir=config.data_dir, ignore_cleanup_errors=True
    ) as scratch:

        def say_goodbye(name: str) -> None:
            message = f"stopped by {name} while {narrator.doing}"
            farewell.leave(config.termination_log, "Stopped", message)
            narrator.say(message)
            shutil.rmtree(scratch, ignore_errors=True)

        farewell.end_on_signals(say_goodbye)
        return run.run(
            config,
            environment,
            storage=_open_storage(config, narrator),
            scratch=Path(scratch),
            narrator=narrator,
            clock=run.Clock(now=lambda: datetime.now(UTC), seconds=time.perf_counter),
        )


def _open_storage(config: Config, narrator: Narrator) -> Storage:
    if isinstance(config.place, Folders):
        narrator.say(f"from {config.place.input} to {config.place.output}")
        return FolderStorage(config.place.input, config.place.output)
    from mnist_trainer.s3 import S3Storage  # noqa: PLC0415 (boto3 takes 0.3 s)

    place = config.place
    narrator.say(f"from {place.source} to {place.target} at {place.endpoint}")
    if place.endpoint.startswith("https:") and not place.verify:
        narrator.say("the server's certificate is not checked (S3_VERIFY_SSL is 0)")
    return S3Storage(place, sleep=time.sleep, say=narrator.say)


def _end(
    log: Path | None, narrator: Narrator, code: ExitCode, reason: str, message: str
) -> int:
    farewell.leave(log, reason, message)
    narrator.say(f"{reason}: {message}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
