"""The recipes of the images, read as text; `make test-node` builds and runs them."""

import importlib.util
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("operator", "trainer")


def _recipe(part):
    return (ROOT / f"Dockerfile.{part}").read_text()


def _copied(part):
    """What a recipe takes from the checkout."""
    lines = re.findall(r"^COPY (?!--)(.+) \S+$", _recipe(part), re.MULTILINE)
    return {path for line in lines for path in line.split()}


@pytest.mark.parametrize("part", PARTS)
class TestRecipe:
    def test_takes_python_from_an_image_of_one_version_that_can_be_replaced(self, part):
        pinned = r"^ARG BASE=python:3\.1[123]\.\d+-slim-bookworm$"

        assert re.search(pinned, _recipe(part), re.MULTILINE)
        assert "FROM ${BASE} AS build" in _recipe(part)

    def test_ends_with_what_it_copied_and_nothing_beneath(self, part):
        last = _recipe(part).rpartition("\nFROM ")[2]

        assert last.startswith("scratch\n")
        assert "\nRUN " not in last
        assert "\nUSER 10001:10001\n" in last
        assert "\nHEALTHCHECK" not in last

    def test_installs_what_was_locked_and_compiles_nothing_foreign(self, part):
        assert "--only-binary :all: --require-hashes --no-deps" in _recipe(part)

    def test_says_where_it_comes_from(self, part):
        for label in ("source", "revision", "version", "base.name"):
            assert f"org.opencontainers.image.{label}=" in _recipe(part)

    def test_copies_what_the_repository_has(self, part):
        assert all((ROOT / path).exists() for path in _copied(part))


def test_what_is_copied_is_all_that_builders_are_handed():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    handed = {line[1:] for line in lines if line.startswith("!")}

    assert handed == _copied("operator") | _copied("trainer")
    assert "*" in lines


def test_what_python_compiled_here_is_not_handed_over():
    lines = (ROOT / ".dockerignore").read_text().splitlines()

    assert any(fnmatch("trainer/mnist_trainer/__pycache__", line) for line in lines[2:])


# --- the requirements of the two trainers ---------------------------------------------


def _packages(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return set(re.findall(r"^([a-z0-9-]+(?:\[.+\])?==\S+)", text, re.MULTILINE))


def test_the_trainer_for_gpus_differs_by_its_tensorflow_alone():
    [ours] = _packages("trainer") - _packages("trainer-gpu")
    theirs = _packages("trainer-gpu") - _packages("trainer")

    assert ours.startswith("tensorflow-cpu==")
    assert ours.replace("-cpu", "") in theirs
    assert all(each.startswith(("tensorflow==", "nvidia-")) for each in theirs)


# --- the root file system -------------------------------------------------------------


@pytest.fixture(name="rootfs", scope="module")
def _rootfs():
    """The script that runs inside of a build."""
    path = ROOT / "deploy" / "images" / "rootfs.py"
    spec = importlib.util.spec_from_file_location("rootfs", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_libraries_are_those_that_the_linker_found(rootfs):
    answer = """\
/opt/operator/lib/extension.so:
\tlinux-vdso.so.1 (0x00007ffd0d9f2000)
\tlibssl.so.3 => /lib/x86_64-linux-gnu/libssl.so.3 (0x00007f5ad1a00000)
\tlibcuda.so.1 => not found
\t/lib64/ld-linux-x86-64.so.2 (0x00007f5ad2000000)
/opt/operator/lib/alone.so:
\tstatically linked
"""

    assert {
        Path("/lib/x86_64-linux-gnu/libssl.so.3"),
        Path("/lib64/ld-linux-x86-64.so.2"),
    } == rootfs.find_libraries(answer)


def test_scanners_find_the_records_of_what_was_taken(rootfs):
    status = """\
Package: bash
Version: 5.2

Package: libssl3
Version: 3.0.17
Description: Secure Sockets Layer
 of many lines

Package: zlib1g
Version: 1.2
"""

    kept = rootfs.select_records(status, {"libssl3", "zlib1g"})

    assert "bash" not in kept
    assert "Version: 3.0.17\nDescription: Secure" in kept
    assert kept.endswith("Package: zlib1g\nVersion: 1.2\n")
