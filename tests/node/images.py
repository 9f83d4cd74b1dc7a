"""Builds both images as `make images` does, without a registry and without a daemon.

The base is made with debootstrap, once, and kept outside of the checkout with the
layers of the images, so that a second run installs nothing. BASE in the environment
names another one.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from cluster.rig.binaries import cache_folder

__all__ = ["OPERATOR", "PAUSE", "TRAINER", "build"]

ROOT = Path(__file__).resolve().parents[2]
_REGISTRY = "localhost/mnist-operator"
OPERATOR = f"{_REGISTRY}/operator:0.1.0"
TRAINER = f"{_REGISTRY}/trainer:0.1.0"
PAUSE = f"{_REGISTRY}/pause:1"
_BASE = f"{_REGISTRY}/base:bookworm"
_SUITE = "bookworm"
_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")


def build(folder: Path, log: Path) -> None:
    """Leave an archive of each image in the folder, and what is to be known of them."""
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch, log.open("w") as output:
        workshop = Workshop(Path(scratch), output)
        try:
            facts = workshop.build(folder)
        except subprocess.CalledProcessError:
            print(*log.read_text().splitlines()[-20:], sep="\n")
            raise
    (folder / "images.json").write_text(json.dumps(facts, indent=2))


class Workshop:
    """buildah with storage of its own: what others built here is left alone."""

    def __init__(self, scratch: Path, output: IO[str]) -> None:
        self._scratch = scratch
        self._output = output
        storage = cache_folder() / "node" / "storage"
        settings = scratch / "storage.conf"
        settings.write_text(
            f'[storage]\ndriver = "overlay"\ngraphroot = "{storage}"\n'
            f'runroot = "{scratch / "run"}"\n'
        )
        outer = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
        self._environment = {
            **outer,
            "BUILDAH_ISOLATION": "chroot",
            "BUILDAH_LAYERS": "true",
            "CONTAINERS_STORAGE_CONF": str(settings),
        }

    def build(self, folder: Path) -> dict[str, Any]:
        """Everything, in its order; what is to be known of each image."""
        self._make_images(os.environ.get("BASE") or self._make_base())
        self._make_pause()
        facts = {}
        for image in (OPERATOR, TRAINER, PAUSE):
            facts[image] = self._describe(image)
            name, _, tag = image.rpartition("/")[2].partition(":")
            archive = f"oci-archive:{folder / name}.tar:{tag}"
            self._buildah("push", "--quiet", image, archive)
        return facts

    def _make_base(self) -> str:
        """Debian with Python, as small as debootstrap makes it."""
        known = self._buildah("images", "--format", "{{.Name}}:{{.Tag}}")
        if _BASE in known.split():
            return _BASE
        with self._working("scratch") as (container, tree):
            options = ("--variant=minbase", "--include=python3,python3-venv")
            self._run("debootstrap", *options, _SUITE, str(tree))
            for leftover in ("var/cache/apt", "var/lib/apt/lists"):
                shutil.rmtree(tree / leftover)
            self._buildah("commit", "--quiet", container, _BASE)
        return _BASE

    def _make_images(self, base: str) -> None:
        pip = self._scratch / "pip.conf"
        pip.write_text(_pip_settings())
        # Not at their usual place: what is there is copied into the image.
        mounts = {pip: "/etc/pip.conf"}
        if _AUTHORITIES.exists():
            mounts[_AUTHORITIES] = "/etc/pip-authorities.crt"
        options = [f"--volume={ours}:{theirs}:ro" for ours, theirs in mounts.items()]
        self._run(
            *("make", "images", "BUILDER=buildah", f"REGISTRY={_REGISTRY}"),
            *(f"BASE={base}", f"BUILD_OPTIONS={' '.join(options)}"),
        )

    def _make_pause(self) -> None:
        """What holds a pod's network: it waits, and buries orphans."""
        program = shutil.which("catatonit")
        assert program is not None
        shutil.copy(program, self._scratch / "pause")
        recipe = self._scratch / "Dockerfile.pause"
        recipe.write_text(
            'FROM scratch\nCOPY pause /pause\nENTRYPOINT ["/pause", "-P"]\n'
        )
        words = ("--quiet", "--tag", PAUSE, "--file", str(recipe))
        self._buildah("build", *words, str(self._scratch))

    def _describe(self, image: str) -> dict[str, Any]:
        """Its configuration, the bytes of its files, and the programs that it has."""
        told = json.loads(self._buildah("inspect", "--type", "image", image))
        with self._working(image) as (_, tree):
            files = [
                path
                for path in tree.rglob("*")
                if path.is_file() and not path.is_symlink()
            ]
            return {
                "config": told["OCIv1"]["config"],
                "programs": [str(path) for path in files if _is_elf(path)],
                "size": sum(path.stat().st_size for path in files),
            }

    @contextmanager
    def _working(self, image: str) -> Iterator[tuple[str, Path]]:
        """A container of an image, and where its files are for the while."""
        container = self._buildah("from", image)
        try:
            yield container, Path(self._buildah("mount", container))
        finally:
            self._buildah("rm", container)

    def _buildah(self, *words: str) -> str:
        done = subprocess.run(
            ["buildah", *words],
            env=self._environment,
            check=True,
            stdout=subprocess.PIPE,
            stderr=self._output,
            text=True,
        )
        return done.stdout.strip()

    def _run(self, *words: str) -> None:
        subprocess.run(
            words,
            cwd=ROOT,
            env=self._environment,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
        )


def _pip_settings() -> str:
    """Our own way to the packages, and whom we trust."""
    lines = ["[global]"]
    if _AUTHORITIES.exists():
        lines.append("cert = /etc/pip-authorities.crt")
    if index := os.environ.get("PIP_INDEX_URL"):
        lines.append(f"index-url = {index}")
    return "\n".join(lines) + "\n"


def _is_elf(path: Path) -> bool:
    with path.open("rb") as content:
        return content.read(4) == b"\x7fELF"
