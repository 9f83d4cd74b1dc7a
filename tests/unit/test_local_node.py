"""The local node: what a container's words come to on this machine."""

from pathlib import Path

from local_cluster.node.environment import command_of
from local_cluster.node.images import Image

_MOUNTS = {"/scratch": Path("/pods/1/volumes/tmp")}
_IMAGE = Image(("/scratch/checkout/bin/python", "-m", "trainer"))


def test_an_image_is_found_where_it_is_also_below_a_path_that_a_volume_covers():
    words = command_of({"args": ["$(OUT)"]}, _IMAGE, {"OUT": "/scratch/out"}, _MOUNTS)

    assert [
        "/scratch/checkout/bin/python",
        "-m",
        "trainer",
        "/pods/1/volumes/tmp/out",
    ] == words


def test_a_containers_own_command_is_meant_inside_its_volumes():
    words = command_of({"command": ["/scratch/run.sh"]}, _IMAGE, {}, _MOUNTS)

    assert ["/pods/1/volumes/tmp/run.sh"] == words
