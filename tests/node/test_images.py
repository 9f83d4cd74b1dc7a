"""The images as they were built: small, of nobody's user, and without tools."""

import json

import pytest

from node.images import OPERATOR, TRAINER

MEGABYTE = 10**6
TOOLS = {"apt", "bash", "busybox", "dash", "dpkg", "gcc", "ld", "make", "perl", "sh"}


@pytest.fixture(name="facts")
def _facts(folder, image):
    return json.loads((folder / "images" / "images.json").read_text())[image]


@pytest.mark.parametrize(
    ("image", "budget"), [(OPERATOR, 200 * MEGABYTE), (TRAINER, 1600 * MEGABYTE)]
)
def test_it_is_no_larger_than_agreed(facts, image, budget):
    print(f"{image}: {facts['size'] / MEGABYTE:.0f} MB unpacked")

    assert facts["size"] < budget


@pytest.mark.parametrize("image", [OPERATOR, TRAINER])
class TestImage:
    def test_runs_as_a_user_who_is_not_root(self, facts):
        assert facts["config"]["User"] == "10001:10001"

    def test_says_where_it_comes_from(self, facts):
        prefix = "org.opencontainers.image."
        labels = facts["config"]["Labels"]

        assert labels[f"{prefix}version"] == "0.1.0"
        assert len(labels[f"{prefix}revision"].removesuffix("-dirty")) == 40
        assert f"{prefix}source" in labels

    def test_has_no_shell_no_compiler_and_no_package_manager(self, facts):
        programs = {path.rpartition("/")[2] for path in facts["programs"]}

        assert not programs & TOOLS
        assert any(name.startswith("python3") for name in programs)
