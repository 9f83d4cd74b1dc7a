"""For starting the trainer: composition, exit codes and last words, nothing else.

At a terminal, with MNIST's archive at hand:

    python -m mnist_trainer --data mnist.npz --output out/

trains on 60,000 images and ends after some ten seconds on two cores with about
99.3 % of the test images recognised.
In a pod, environment variables say where the buckets are; see ``config``.
"""

import io
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from mnist_trainer import config as configs
from mnist_trainer import farewell, leftovers, storage
from mnist_trainer.config import Config
from mnist_trainer.errors import ConfigError, ExitCode, TrainerError
from mnist_trainer.folder import FolderStorage
from mnist_trainer.narrator import Narrator
from mnist_trainer.phases import Clock
from mnist_trainer.storage import Storage
from mnist_trainer.terminal import Folders, Task

__all__ = ["main"]

_AFTER_A_LOSS_SECONDS = 5.0
"""Who lost another ends so much later: the first pod that is seen to fail is taken for
the cause, the other one's node has to tell of it, and the TFJob controller takes away
whoever has not been told of by then.
"""
_TRACEPARENT = 55
"""Characters of the W3C's traceparent, version 00: whose trace this run is part of."""


def main(arguments: Sequence[str], environment: MutableMapping[str, str]) -> int:
    """Do one run; whatever happens, end with a code and a reason."""
    narrator = Narrator(sys.stdout, seconds=time.monotonic)
    try:
        config = configs.read_config(arguments, environment)
    except TrainerError as error:
        log = configs.find_termination_log(environment)
        return _end(log, narrator, error.code, error.reason, str(error))
    code, reason, message = _try(config, environment, narrator)
    code = _end(config.termination_log, narrator, code, reason, message)
    if code is ExitCode.PEER_LOST:
        time.sleep(_AFTER_A_LOSS_SECONDS)
    if code:
        _keep_log(config, narrator)
    return code


def _try(
    config: Config, environment: MutableMapping[str, str], narrator: Narrator
) -> tuple[ExitCode, str, str]:
    try:
        return ExitCode.DONE, "Completed", _run(config, environment, narrator)
    except TrainerError as error:
        return error.code, error.reason, str(error)
    except OSError as error:
        # The network's own failures have been told apart by then.
        message = f"{error}: make room, or name other folders (DATA_DIR, --output)"
        return ExitCode.DISK, "DiskUnusable", message
    except Exception as error:  # noqa: BLE001 (told to people, with its traceback)
        traceback.print_exc()
        return ExitCode.BUG, "InternalError", f"{type(error).__name__}: {error}"


def _run(
    config: Config, environment: MutableMapping[str, str], narrator: Narrator
) -> str:
    from mnist_trainer import run  # noqa: PLC0415 (numpy, which --help can do without)

    if (parent := environment.get("TRACEPARENT", "")).isprintable() and parent:
        narrator.say(f"traceparent {parent[:_TRACEPARENT]}")
    try:
        config.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage.unwritable(config.data_dir, error) from error
    with tempfile.TemporaryDirectory(
        prefix="run-", dir=config.data_dir, ignore_cleanup_errors=True
    ) as scratch:

        def say_goodbye(name: str) -> None:
            message = f"stopped by {name} while {narrator.doing}"
            farewell.leave(config.termination_log, "Stopped", message)
            narrator.say(message)
            _keep_log(config, narrator)
            shutil.rmtree(scratch, ignore_errors=True)

        farewell.end_on_signals(say_goodbye)
        return run.run(
            config,
            environment,
            storage=_open_storage(config, narrator),
            earlier=_open_earlier(config, narrator),
            open_bucket=lambda name: _open_bucket(config, narrator, name),
            scratch=Path(scratch),
            narrator=narrator,
            clock=Clock(now=lambda: datetime.now(UTC), seconds=_since_start()),
        )


def _open_storage(config: Config, narrator: Narrator) -> Storage:
    place = config.place
    if isinstance(place, Folders):
        narrator.say(f"from {place.input} to {place.output or 'nowhere'}")
        return FolderStorage(place.input, place.output)
    from mnist_trainer.s3 import S3Storage  # noqa: PLC0415 (boto3 takes 0.3 s)

    narrator.say(f"from {place.source} to {place.target} at {place.endpoint}")
    if place.endpoint.startswith("https:") and not place.verify:
        narrator.say("the server's certificate is not checked (S3_VERIFY_SSL is 0)")
    return S3Storage(place, sleep=time.sleep, say=narrator.say)


def _open_earlier(config: Config, narrator: Narrator) -> Storage | None:
    """Open the place of the model to begin from, if there is one."""
    earlier, place = config.earlier, config.place
    if earlier is None:
        return None
    if isinstance(place, Folders) or not earlier.bucket:
        return FolderStorage(Path(earlier.path).parent, flag="--warm-start")
    return _open_bucket(config, narrator, earlier.bucket)


def _open_bucket(config: Config, narrator: Narrator, name: str) -> Storage:
    """Open another bucket of the same gateway, to read from."""
    from mnist_trainer.s3 import S3Storage  # noqa: PLC0415 (boto3 takes 0.3 s)

    if isinstance(config.place, Folders):
        raise ConfigError(f"bucket {name} goes with S3_ENDPOINT, not with folders")
    bucket = replace(config.place, source=name)
    return S3Storage(bucket, sleep=time.sleep, say=narrator.say)


def _keep_log(config: Config, narrator: Narrator) -> None:
    """Leave the log of a failed run with a person; of a pod's, Kubernetes has it."""
    writes = config.workers.number == 0 and config.task is Task.TRAIN
    if writes and isinstance(config.place, Folders) and config.place.output:
        leftovers.keep_log(config.place.output, narrator.story())


def _end(
    log: Path | None, narrator: Narrator, code: ExitCode, reason: str, message: str
) -> ExitCode:
    farewell.leave(log, reason, message)
    narrator.say(f"{reason}: {message}")
    return code


def _since_start() -> Callable[[], float]:
    """Count seconds from the start of the process, which is when the user's begin."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    born = ticks / os.sysconf("SC_CLK_TCK")
    return lambda: time.clock_gettime(time.CLOCK_BOOTTIME) - born


def _leave(code: int) -> None:
    """End at once: taking TensorFlow apart again takes half a second."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    # The name of a file need not be text, and the log of it must not fail.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    _leave(main(sys.argv[1:], os.environ))
