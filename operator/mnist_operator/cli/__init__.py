"""mnistctl: which data made a model, and what became of every commit.

It asks Pachyderm alone, so it needs no cluster and answers also years later.
Reading order: ``app`` the commands, ``references`` and ``moments`` what was asked,
``lookup`` the only module that asks Pachyderm, ``models``, ``statements``,
``comparison``, ``reports`` and ``histories`` what the answer is (pure), ``screen``
and ``failures`` how it is told; ``connections`` who we are.
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
