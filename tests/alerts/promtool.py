"""promtool: the machine's own, Debian's, or built once from its Go module.

`python -m alerts.promtool` sees to it that there is one, and prints where it is. None
of the three ways needs root: a package of Debian is unpacked, and not installed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from cluster.rig.binaries import OutOfReachError, Program, cache_folder, find

__all__ = ["PromtoolError", "find_promtool"]

_PROGRAM = Program(
    "promtool", "promtool", "github.com/prometheus/prometheus/cmd/promtool"
)
_IN_PACKAGE = Path("usr/bin/promtool")


class PromtoolError(Exception):
    """There is none, and none could be made; says what was tried, and the remedy."""


def find_promtool() -> Path:
    """Where promtool is; fetched or built first where it has to be.

    What was fetched lies outside of the checkout, named after its version, beside the
    programs of a real Kubernetes.

    Raises:
        PromtoolError: It is not to be had here.
    """
    if on_path := shutil.which("promtool"):
        return Path(on_path)
    if kept := sorted(cache_folder().glob("promtool-*/promtool")):
        return kept[-1]
    try:
        return _from_debian()
    except (OSError, subprocess.CalledProcessError) as error:
        return _from_go(error)


def _from_debian() -> Path:
    cache_folder().mkdir(parents=True, exist_ok=True)
    # Beside its place, so that it gets there by being renamed.
    with tempfile.TemporaryDirectory(dir=cache_folder()) as name:
        folder = Path(name)
        try:
            _run("apt-get", "download", "prometheus", folder=folder)
        except subprocess.CalledProcessError:
            # A machine without lists of packages gets some of its own, here.
            lists = folder / "lists"
            lists.mkdir()
            own = (f"-oDir::State::Lists={lists}", f"-oDir::Cache={folder}")
            _run("apt-get", *own, "update", folder=folder)
            _run("apt-get", *own, "download", "prometheus", folder=folder)
        [package] = folder.glob("prometheus_*.deb")
        _run("dpkg-deb", "-x", str(package), str(folder / "x"), folder=folder)
        version = package.name.split("_")[1].replace("%3a", "-")
        place = cache_folder() / f"promtool-{version}" / "promtool"
        place.parent.mkdir(exist_ok=True)
        (folder / "x" / _IN_PACKAGE).replace(place)
    return place


def _from_go(refused: Exception) -> Path:
    try:
        return find(_PROGRAM)
    except (OutOfReachError, FileNotFoundError, subprocess.CalledProcessError) as error:
        raise PromtoolError(
            "There is no promtool on the PATH; Debian's could not be fetched"
            f" ({_words(refused)}); and none could be built ({_words(error)})."
            " Install Prometheus, whose package brings it, or let this machine reach"
            " a Debian mirror or the Go module proxy."
        ) from error


def _words(error: Exception) -> str:
    told = getattr(error, "stderr", None) or str(error)
    return " ".join(told.split())[-300:]


def _run(*command: str, folder: Path) -> None:
    subprocess.run(
        command,
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
    )


def main() -> int:
    """Fetch or build it, and say where it is."""
    try:
        place = find_promtool()
    except PromtoolError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"promtool: {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
