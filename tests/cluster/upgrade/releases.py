"""The operator as it is now, and as it was one commit earlier, each in a folder.

Earlier is the newest commit whose operator or CRD differs from what lies here, and
whose operator can be started. A checkout without that much history, or none at all, has
nothing earlier: then the same operator stands in for it, and `Releases.lacking` says so
for everybody to read.
"""

import io
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from integration.world import ROOT

__all__ = ["Release", "Releases"]

_COUNTED = ("operator", "crds")
_RELEASED = (*_COUNTED, "deploy/kustomize")
_CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class Release:
    """What is installed together: the program, its CRD and its rights."""

    name: str
    tree: Path

    @property
    def program(self) -> Path:
        """Where Python finds the operator."""
        return self.tree / "operator"

    @property
    def manifests(self) -> Path:
        """What `kubectl apply -k` takes."""
        return self.tree / "deploy" / "kustomize" / "base"

    def starts(self) -> bool:
        """Whether its program can be imported at all: not each commit is a release."""
        tried = subprocess.run(
            [sys.executable, "-c", "import mnist_operator.__main__"],
            env={**os.environ, "PYTHONPATH": str(self.program)},
            cwd=self.tree,
            check=False,
            capture_output=True,
        )
        return tried.returncode == 0


class Releases:
    """Both of them."""

    def __init__(self, folder: Path) -> None:
        self.present = Release("the present tree", ROOT)
        self.lacking = ""
        """Why there is nothing earlier; empty where there is."""
        try:
            found = _find_earlier(folder)
            self.lacking = "" if found else "the history here holds no other release"
        except (OSError, subprocess.CalledProcessError) as error:
            found = None
            said = getattr(error, "stderr", b"") or str(error).encode()
            self.lacking = f"there is no git history here: {said.decode().strip()}"
        self.earlier = found or _copy(folder / "copy")


def _find_earlier(folder: Path) -> Release | None:
    changed = bool(_git("status", "--porcelain", "--", *_COUNTED).strip())
    count = f"--max-count={_CANDIDATES}"
    known = _git("rev-list", count, "HEAD", "--", *_COUNTED).decode().split()
    # The newest of them is what lies here, unless that has been changed since.
    for commit in known[0 if changed else 1 :]:
        release = Release(f"commit {commit[:12]}", folder / commit)
        archive = _git("archive", commit, *_RELEASED)
        with tarfile.open(fileobj=io.BytesIO(archive)) as archived:
            archived.extractall(release.tree, filter="data")
        if release.starts():
            return release
    return None


def _copy(folder: Path) -> Release:
    for part in _RELEASED:
        shutil.copytree(ROOT / part, folder / part)
    return Release("a copy of the present tree", folder)


def _git(*words: str) -> bytes:
    command = ["git", *words]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
