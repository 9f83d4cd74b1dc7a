"""Build what the tests on a real Kubernetes need, before any of them waits for it."""

import sys

from cluster.rig.binaries import (
    KUBE_APISERVER,
    TRAINING_OPERATOR,
    OutOfReachError,
    find,
)


def main() -> int:
    """Build; without the sources there is nothing to do here, and the tests say so."""
    for program in (KUBE_APISERVER, TRAINING_OPERATOR):
        try:
            find(program)
        except OutOfReachError as error:
            print(f"{program.name}: {error}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
