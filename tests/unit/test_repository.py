"""The rules of this repository that no tool checks by itself.

Files are taken from the working tree, as git lists them: tracked, or new and not
ignored. Each import-linter contract is proved by breaking it on purpose in a copy.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = PROJECT["tool"]["importlinter"]["contracts"]

LONG_FILES: dict[str, str] = {}
"""Modules over 300 lines, each with the reason why it is one module."""

LINE_LIMIT = 300


def _files(*patterns):
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--"]
    listed = subprocess.run(
        [*command, *patterns], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return [
        ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()
    ]


def _name(path):
    return path.relative_to(ROOT).as_posix()


# --- layout ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "folder", ["operator", "trainer", "deploy", "deploy/local", "tests"]
)
def test_a_folder_on_the_import_path_is_no_package_itself(folder):
    """A package called operator would replace the standard library's module."""
    assert not (ROOT / folder / "__init__.py").exists()


def test_no_folder_of_tests_is_a_package():
    assert [] == [_name(path) for path in _files("tests/**/__init__.py")]


def test_python_modules_are_short_or_have_a_reason():
    counted = {
        _name(path): len(path.read_text().splitlines()) for path in _files("*.py")
    }

    long = {name for name, lines in counted.items() if lines > LINE_LIMIT}

    assert set(LONG_FILES) == long


def test_every_module_says_what_it_is_for():
    silent = [
        _name(path)
        for path in _files("operator/*.py", "trainer/*.py", "deploy/*.py")
        if not path.read_text().lstrip().startswith(('"""', 'r"""'))
    ]

    assert [] == silent


def test_every_module_of_the_programs_lists_what_it_offers():
    silent = [
        _name(path)
        for path in _files("operator/*.py", "trainer/*.py", "deploy/*.py")
        if "__all__" not in path.read_text()
    ]

    assert [] == silent


def test_no_module_has_a_name_that_says_nothing():
    empty_names = {"utils", "util", "helpers", "common", "manager", "misc"}

    assert [] == [_name(p) for p in _files("*.py") if p.stem in empty_names]


# --- what is never committed ----------------------------------------------------------


def test_no_lock_file_names_the_hosts_that_it_was_made_with():
    names = {"uv.lock", "package-lock.json", "yarn.lock", "poetry.lock"}

    found = [
        _name(path)
        for path in _files()
        if path.name in names or re.fullmatch(r"pylock.*\.toml", path.name)
    ]

    assert [] == found


@pytest.mark.parametrize(
    "path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.stem
)
class TestRequirements:
    def test_hold_only_pinned_names_and_their_hashes(self, path):
        line = re.compile(
            r"[a-z0-9.-]+(\[[a-z0-9,-]+\])?==\S+( ; .+)? \\"
            r"|    --hash=sha256:[0-9a-f]{64}( \\)?"
        )

        odd = [
            text for text in path.read_text().splitlines() if not line.fullmatch(text)
        ]

        assert [] == odd

    def test_name_no_host(self, path):
        assert "//" not in path.read_text()


def test_no_test_is_skipped_and_nothing_is_left_to_do():
    # Split, so that this file does not find itself.
    marks = re.compile(
        r"TO" r"DO|FIX" r"ME|pytest\.sk" r"ip|mark\.(sk" r"ip|xf" r"ail)"
    )

    found = [_name(path) for path in _files("*.py") if marks.search(path.read_text())]

    # Where Go modules of a real Kubernetes, or a browser, cannot be had: said loudly.
    assert ["tests/cluster/conftest.py", "tests/page/conftest.py"] == sorted(found)


# --- the front door -------------------------------------------------------------------


def test_every_target_of_the_makefile_is_listed_by_make_help():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, flags=re.MULTILINE))

    shown = subprocess.run(
        ["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout

    assert targets == set(re.findall(r"^  make ([a-z-]+) ", shown, flags=re.MULTILINE))


def test_every_target_of_the_makefile_is_phony():
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^([a-z][a-z-]*):", makefile, flags=re.MULTILINE)

    assert targets == re.findall(r"^\.PHONY: (\S+)", makefile, flags=re.MULTILINE)


def test_make_without_a_target_lists_the_commands():
    shown = subprocess.run(
        ["make"], cwd=ROOT, check=True, capture_output=True, text=True
    )

    assert "make demo " in shown.stdout
    assert "make test " in shown.stdout


def test_the_gate_runs_the_test_command_of_the_readme():
    script = (ROOT / ".ci" / "run").read_text()

    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert "make test" in script
    assert "make test" in (ROOT / "README.md").read_text()


# --- manifests ------------------------------------------------------------------------


# A chart has values and templates: no manifests before Helm has rendered them. And
# mkdocs has settings.
@pytest.mark.parametrize(
    "path", [*_files("*.yaml", "*.yml", ":!deploy/helm/*", ":!docs/site/*")], ids=_name
)
def test_every_manifest_can_be_read_and_has_a_kind(path):
    documents = [each for each in yaml.safe_load_all(path.read_text()) if each]

    assert documents
    assert all("kind" in document for document in documents)


def test_kustomization_lists_every_manifest_beside_it():
    base = ROOT / "deploy" / "kustomize" / "base"
    listed = yaml.safe_load((base / "kustomization.yaml").read_text())["resources"]

    assert {path.name for path in base.glob("*.yaml")} - {"kustomization.yaml"} == {
        name for name in listed if "/" not in name
    }
    assert all((base / name).exists() for name in listed)


# --- every contract of the layers holds because it can break --------------------------

VIOLATIONS = {
    "layers": (
        "operator/mnist_operator/resource.py",
        "import mnist_operator.engine",
    ),
    "pure-core": ("operator/mnist_operator/plan.py", "import asyncio"),
    "one-kubernetes-client": (
        "operator/mnist_operator/engine.py",
        "import kubernetes.aio",
    ),
    "one-pachyderm-client": ("operator/mnist_operator/engine.py", "import grpc.aio"),
    "one-framework": ("operator/mnist_operator/engine.py", "import kopf"),
    "mnistctl": (
        "operator/mnist_operator/cli/__init__.py",
        "import mnist_operator.kube",
    ),
    "programs": ("trainer/mnist_trainer/__init__.py", "import mnist_operator.runs"),
}


@pytest.fixture(name="copy")
def _copy(tmp_path):
    """The programs and their configuration, to break at will."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in ("operator", "trainer", "deploy/local"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    return tmp_path


def _lint(folder, contract):
    """Run import-linter as `make check` does, for one contract; its whole output."""
    command = Path(sys.executable).parent / "lint-imports"
    path = os.pathsep.join(
        str(folder / p) for p in ("operator", "trainer", "deploy/local")
    )
    done = subprocess.run(
        [command, "--contract", contract, "--no-cache"],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path, "COLUMNS": "200"},
    )
    return done.returncode, done.stdout


def test_every_contract_is_proved_by_a_violation():
    assert {contract["id"] for contract in CONTRACTS} == set(VIOLATIONS)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract["name"])
def test_one_import_too_many_breaks_the_contract(contract, copy):
    module, line = VIOLATIONS[contract["id"]]
    with (copy / module).open("a") as source:
        source.write(f"\n{line}\n")

    status, output = _lint(copy, contract["id"])

    assert status == 1
    assert f"{contract['name']} BROKEN" in output


def test_a_module_without_a_place_in_the_layers_breaks_them(copy):
    (copy / "operator" / "mnist_operator" / "elsewhere.py").write_text("")

    status, output = _lint(copy, "layers")

    assert status == 1
    assert "mnist_operator.elsewhere" in output
