"""mnistctl: which data made a model, what became of every commit, what goes on.

``lineage`` and its like ask Pachyderm alone, so they need no cluster and answer also
years later; ``get`` and its like ask Kubernetes alone, ``plan`` and ``reproduce`` both.
Reading order:

- ``app`` and ``options``: the command line; ``commands`` has a module for each command.
- ``inquiries`` and ``connections``: how Pachyderm is asked, and who asks. ``clusters``
  and ``jobs``: the same for Kubernetes; nothing else here asks it. ``reach`` is for
  those who ask both.
- ``references`` and ``moments``: what was asked. ``finding`` finds the commit, by
  the ``index`` that the ledgers are (``indexes``, ``prefixes``, ``currents``,
  ``job_models``, ``lookup``; ``absences`` says why there is none).
- ``opened``: a model's record as every command reads it. ``models``, ``statements``,
  and ``comparison`` take it apart (pure).
- A package for each answer: ``lineage`` and ``graph``, ``verify``, ``history``,
  ``explain``, ``runs``, ``ledger``, ``data``, ``export``, ``get``, ``watch``, ``logs``,
  ``plan``, ``act``, ``reproduce``, ``dashboard``.
- ``screen``, ``streams``, ``failures`` and ``refusals``: how it is told.
- ``completions``: what shells and kubectl are told to complete.
"""

import os
import sys

__all__ = ["complete", "main"]


def main() -> None:
    """Run as mnistctl, or as kubectl's plugin."""
    # gRPC's own log would stand beside the one line that says what is wrong.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    # gRPC reads the variable when it is imported, and never again.
    from mnist_operator.cli.app import run  # noqa: PLC0415

    run()


def complete() -> None:
    """Run as kubectl_complete-mnist: say what may follow, as kubectl wants it."""
    from mnist_operator.cli.app import mnistctl  # noqa: PLC0415
    from mnist_operator.cli.completions import answer_kubectl  # noqa: PLC0415

    for line in answer_kubectl(mnistctl, sys.argv[1:]):
        print(line)  # noqa: T201 (kubectl reads it)
