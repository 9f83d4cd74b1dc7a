"""For sending files as soon as they are written, while others are still being made.

Nobody waits for a transfer but whoever asks for the result at the end.
"""

import queue
import threading
from concurrent.futures import Future, wait
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from mnist_trainer.storage import Storage, StoredFile

__all__ = ["Uploader"]

_THREADS: Final = 3
"""Enough for small files not to queue behind a large one."""


class Uploader:
    """Uploads files of a folder under the same paths, several at a time.

    Its threads are daemons: a run that has failed does not wait until a transfer that
    nobody needs any more has been tried for the last time.
    """

    def __init__(
        self, storage: Storage, folder: Path, *, threads: int = _THREADS
    ) -> None:
        self._storage = storage
        self._folder = folder
        self._threads = threads
        self._waiting: queue.SimpleQueue[tuple[str, Future[StoredFile]] | None]
        self._waiting = queue.SimpleQueue()
        self._asked: list[Future[StoredFile]] = []
        self._given_up = threading.Event()

    def __enter__(self) -> Self:
        for number in range(self._threads):
            threading.Thread(
                target=self._work, name=f"upload-{number}", daemon=True
            ).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave out what has not begun, and let the threads end."""
        self._given_up.set()
        for _ in range(self._threads):
            self._waiting.put(None)

    def add(self, *paths: str) -> None:
        """Upload files, and all files of folders, which must be complete by now."""
        for path in paths:
            for file in _list_files(self._folder, path):
                future: Future[StoredFile] = Future()
                self._asked.append(future)
                self._waiting.put((file, future))

    def finish(self) -> list[StoredFile]:
        """Wait until all are uploaded; returns them in the order in which they came.

        Raises:
            TrainerError: the first failure, in the same order.
                What had not begun when it happened was left out.

        """
        wait(self._asked)
        for future in self._asked:
            if not future.cancelled() and (error := future.exception()):
                raise error
        return [future.result() for future in self._asked]

    def _work(self) -> None:
        while job := self._waiting.get():
            path, future = job
            if self._given_up.is_set():
                future.cancel()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(self._storage.upload(self._folder / path, path))
            except BaseException as error:  # noqa: BLE001 (raised by finish)
                self._given_up.set()
                future.set_exception(error)


def _list_files(folder: Path, path: str) -> list[str]:
    """Name a file, or all files of a folder, in an order that is always the same."""
    place = folder / path
    if not place.is_dir():
        return [path]
    files = [file for file in place.rglob("*") if file.is_file()]
    return sorted(str(file.relative_to(folder)) for file in files)
