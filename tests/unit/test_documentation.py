"""The documentation speaks of what there is: fields, reasons, settings, exit codes."""

import re
from pathlib import Path

import pytest
import yaml

from mnist_operator.settings import Settings
from mnist_operator.status import Reason

ROOT = Path(__file__).resolve().parents[2]
RESOURCE = (ROOT / "docs" / "resource.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


def _schema():
    crd = yaml.safe_load((ROOT / "crds" / "mnisttraining.yaml").read_text())
    return crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]


def _anchors(path):
    """Of all headings of a page: lower case, dashes for spaces, and no other signs."""
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    words = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in words}


def _is_test(name):
    file, _, function = name.partition("[")[0].partition("::")
    folders = (ROOT / "tests", ROOT / "tests" / "integration")
    found = [path for folder in folders if (path := folder / file).is_file()]
    return any(f"def {function}" in path.read_text() for path in found)


def _fields(schema, path=""):
    """The names of all fields below, except for what is Kubernetes' own."""
    for name, child in schema.get("properties", {}).items():
        yield name
        if name != "conditions" and not path.endswith(".template.spec"):
            yield from _fields(child, f"{path}.{name}")
            yield from _fields(child.get("items", {}), f"{path}.{name}")


@pytest.mark.parametrize("part", ["spec", "status"])
def test_every_field_of_the_resource_is_explained(part):
    missing = {
        name
        for name in _fields(_schema()[part])
        if not re.search(rf"[`.]{name}[`.:]", RESOURCE)
    }

    assert set() == missing


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_explained(reason):
    assert f"| `{reason}` |" in RESOURCE


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_explained_with_its_default(name):
    default = Settings.model_fields[name].default
    shown = f"{default:g}" if isinstance(default, float) else default
    if isinstance(default, bool):
        shown = str(default).lower()  # As one writes it in a manifest.
    [row] = re.findall(
        rf"^\| `(?:MNIST_OPERATOR_)?{name.upper()}` \| (.+?) \|",
        OPERATIONS,
        re.MULTILINE,
    )

    assert row == (f"`{shown}`" if shown not in {None, ""} else row)


@pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)
class TestDocument:
    def test_names_files_that_exist(self, path):
        """Links, and paths in backquotes that begin with one of our folders."""
        text = path.read_text()
        links = re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", text)
        named = re.findall(
            r"`((?:crds|deploy|docs|operator|requirements|tests|trainer)/[\w./-]+)`",
            text,
        )

        missing = [name for name in links if not (path.parent / name).exists()]
        missing += [name for name in named if not (ROOT / name).exists()]

        assert [] == missing

    def test_links_to_headings_that_exist(self, path):
        """With the anchors that a code host makes, and the site too."""
        links = re.findall(r"\]\((?!https?:)([^)#\s]*)#([^)]+)\)", path.read_text())
        targets = [((path.parent / name if name else path), at) for name, at in links]

        assert [] == [(str(to), at) for to, at in targets if at not in _anchors(to)]

    def test_names_tests_that_exist(self, path):
        """In comments behind what they prove, from tests or tests/integration on."""
        comments = re.findall(r"<!-- test: (.+?) -->", path.read_text())
        named = [each for line in comments for each in line.split()]

        assert [] == [each for each in named if not _is_test(each)]

    def test_names_make_targets_that_exist(self, path):
        makefile = (ROOT / "Makefile").read_text()
        targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, flags=re.MULTILINE))
        named = re.findall(r"`make ([a-z][a-z -]*?)(?: [A-Z].*?)?`", path.read_text())

        assert {name for line in named for name in line.split()} <= targets


def test_every_module_of_the_operator_has_its_place_in_the_architecture():
    text = (ROOT / "docs" / "architecture.md").read_text()
    found = (ROOT / "operator" / "mnist_operator").iterdir()
    modules = {each.stem for each in found} - {"__init__", "__pycache__"}

    assert set() == {name for name in modules if f"`{name}`" not in text}


def test_the_changelog_has_a_place_for_what_is_new():
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text()
