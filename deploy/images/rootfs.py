"""Lays out the root file system of an image: Python, what it links to, nothing else.

    python3 rootfs.py TARGET FOLDER ...

Runs while an image is built, on the base that Python is taken from. The libraries
that the programs in FOLDER link to come along; FOLDER itself does not. There is no
shell in the result, no package manager and no compiler; the package manager's records
of what was taken are there, so that scanners know its versions.
"""

import compileall
import os
import re
import shutil
import ssl
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

__all__ = ["find_libraries", "lay", "select_records"]

USER = 10001
_UNUSED = shutil.ignore_patterns(
    *("__pycache__", "config-3*", "dist-packages", "ensurepip", "idlelib"),
    *("lib2to3", "pydoc_data", "site-packages", "test", "tkinter", "turtledemo"),
)
"""Parts of the standard library for people at a screen, and for building Python."""
_MERGED = ("bin", "lib", "lib64", "sbin")
"""Where these are links into /usr, a library is found by either path."""
_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
"""All that are trusted, in one file, where Debian has it."""
_SETTINGS = (
    "/etc/debian_version",
    "/etc/ld.so.cache",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/ssl/openssl.cnf",
)
_ADDRESS = re.compile(r"(?:=> )?(/\S+) \(0x[0-9a-f]+\)$")
_BATCH = 200
"""Files for one call of ldd; a command line has an end."""


def lay(target: Path, folders: Sequence[Path]) -> None:
    """Write the whole tree."""
    target.mkdir(parents=True)
    for name in _MERGED:
        if (link := Path("/", name)).is_symlink():
            (target / name).symlink_to(link.readlink())
    programs = [*_copy_interpreter(target), *_copy_standard_library(target)]
    inside = [path for folder in folders for path in folder.rglob("*")]
    asked = _ask_ldd([path for path in (*programs, *inside) if _is_elf(path)])
    outside = {
        path
        for path in find_libraries(asked)
        if not any(path.is_relative_to(folder) for folder in folders)
    }
    for path in (*outside, _AUTHORITIES, *map(Path, _SETTINGS)):
        if path.exists():
            _copy(target, path)
    _place(target, _trusted()).symlink_to(_AUTHORITIES)
    _write_users(target)
    _copy_records(target, [*programs, *outside])


def find_libraries(answer: str) -> set[Path]:
    """The files that ldd names; what it did not find is not there to be copied."""
    found = (_ADDRESS.search(line.strip()) for line in answer.splitlines())
    return {Path(match[1]) for match in found if match}


def select_records(status: str, packages: set[str]) -> str:
    """The package manager's records of these packages, of all that it has."""
    records = status.strip().split("\n\n")
    kept = [each for each in records if _package(each) in packages]
    return "\n\n".join(kept) + "\n"


def _package(record: str) -> str:
    return record.partition("\n")[0].removeprefix("Package: ")


def _copy_interpreter(target: Path) -> Iterator[Path]:
    """The program itself, with every link that leads to it."""
    path = Path(sys.executable)
    while path.is_symlink():
        place = _place(target, path)
        place.symlink_to(path.readlink())
        path = path.parent / path.readlink()
    _copy(target, path)
    yield path


def _copy_standard_library(target: Path) -> Iterator[Path]:
    """Compiled, too: a read-only root leaves Python no place to do that itself."""
    source = Path(sysconfig.get_path("stdlib"))
    place = _place(target, source)
    shutil.copytree(source, place, ignore=_UNUSED, symlinks=True)
    compileall.compile_dir(place, quiet=1, stripdir=str(target), prependdir="/")
    for path in place.rglob("*"):
        original = Path("/", path.relative_to(target))
        if original.exists():
            yield original


def _trusted() -> Path:
    """Where OpenSSL looks for authorities when nobody tells it where."""
    return Path(ssl.get_default_verify_paths().openssl_cafile)


def _is_elf(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as content:
        return content.read(4) == b"\x7fELF"


def _ask_ldd(files: Sequence[Path]) -> str:
    answers = []
    for start in range(0, len(files), _BATCH):
        batch = files[start : start + _BATCH]
        # One that links to nothing makes its status 1.
        done = subprocess.run(
            ["ldd", *batch],
            check=False,
            capture_output=True,
            text=True,
        )
        answers.append(done.stdout)
    return "\n".join(answers)


def _copy(target: Path, path: Path) -> None:
    """Its content, under the very name by which it is asked for."""
    place = _place(target, path)
    if not place.exists():
        shutil.copy2(path, place)


def _place(target: Path, path: Path) -> Path:
    place = target / path.parent.resolve().relative_to("/") / path.name
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def _write_users(target: Path) -> None:
    etc = target / "etc"
    etc.mkdir(exist_ok=True)
    (etc / "passwd").write_text(f"nonroot:x:{USER}:{USER}:nonroot:/:/nonexistent\n")
    (etc / "group").write_text(f"nonroot:x:{USER}:\n")
    temporary = target / "tmp"
    temporary.mkdir()
    temporary.chmod(0o1777)


def _copy_records(target: Path, taken: Iterable[Path]) -> None:
    folder = Path("/var/lib/dpkg")
    if not folder.exists():
        return
    names = {_unmerged(path) for path in taken}
    packages = {
        listing.stem.partition(":")[0]
        for listing in (folder / "info").glob("*.list")
        if names & {_unmerged(line) for line in listing.read_text().splitlines()}
    }
    records = select_records((folder / "status").read_text(), packages)
    place = target / "var" / "lib" / "dpkg" / "status"
    place.parent.mkdir(parents=True)
    place.write_text(records)


def _unmerged(path: Path | str) -> str:
    return os.fspath(path).removeprefix("/usr")


if __name__ == "__main__":
    lay(Path(sys.argv[1]), [Path(each) for each in sys.argv[2:]])
