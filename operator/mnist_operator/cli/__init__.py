"""mnistctl: which data made a model, what became of every commit, what goes on.

``lineage``, ``history`` and ``runs`` ask Pachyderm alone, so they need no cluster and
answer also years later; ``get`` and ``watch`` ask Kubernetes alone. Reading order:

- ``app`` and ``options``: the command line.
- ``records``: the answers from Pachyderm. ``references`` and ``moments`` are what was
  asked, ``lookup`` is the only module that asks, ``models``, ``statements``,
  ``comparison``, ``reports``, ``histories`` and ``attempts`` are what the answer is
  (pure); ``connections`` is who we are.
- ``trainings``: the answers from Kubernetes. ``clusters`` is the only module that
  asks, ``stories``, ``remedies`` and ``happenings`` are what the answer is (pure).
- ``screen`` and ``failures``: how it is told.
"""

import os

__all__ = ["main"]


def main() -> None:
    """Run as mnistctl, or as kubectl's plugin."""
    # gRPC's own log would stand beside the one line that says what is wrong.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    # gRPC reads the variable when it is imported, and never again.
    from mnist_operator.cli.app import run  # noqa: PLC0415

    run()
