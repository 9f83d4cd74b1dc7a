"""A real Kubernetes without Docker: etcd, a kube-apiserver, the TFJob controller.

Builds what is missing; with `up FOLDER` also runs it, prints where the kubeconfig is,
and goes on until Ctrl-C. `binaries` finds or builds the programs, `programs` runs one,
`control_plane` and `tfjob_controller` know their options.
"""

import signal
import sys
from contextlib import ExitStack
from pathlib import Path

from cluster.rig.binaries import (
    HELM,
    KUBE_APISERVER,
    KUBECTL,
    TRAINING_OPERATOR,
    OutOfReachError,
    find,
)
from cluster.rig.control_plane import ControlPlane
from cluster.rig.tfjob_controller import TFJobController, read_tfjob_crd
from integration.definition import definition


def main(words: list[str]) -> int:
    """Build, and run where that is asked for."""
    match words:
        case []:
            return build()
        case ["up", folder]:
            return up(Path(folder))
    print(__doc__, file=sys.stderr)
    return 2


def build() -> int:
    """Build; without the sources there is nothing to do, and the tests will say so."""
    for program in (KUBECTL, KUBE_APISERVER, TRAINING_OPERATOR, HELM):
        try:
            find(program)
        except OutOfReachError as error:
            print(f"{program.name}: {error}", file=sys.stderr)
    return 0


def up(folder: Path) -> int:
    """Run etcd, API server and TFJob controller, with both CRDs, in the foreground."""
    # Where it is started in the background, SIGINT is ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with ExitStack() as stack:
        plane = stack.enter_context(ControlPlane(folder.resolve()))
        for crd in (definition(), read_tfjob_crd()):
            plane.install(crd)
        stack.enter_context(TFJobController(plane, folder.resolve() / "tfjobs"))
        print(f"KUBECONFIG={plane.kubeconfig}", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
