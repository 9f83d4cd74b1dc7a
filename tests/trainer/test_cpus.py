"""How many cores are ours: as control groups of both versions tell, seen from within
a container or from the node."""

import os

import pytest

from mnist_trainer.cpus import count_cpus, read_limit

POD = "kubepods.slice/kubepods-pod1.slice/cri-containerd-1.scope"


def _write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")


def _version_1(group, quota):
    """A group of version 1, whose period is a tenth of a second."""
    return {
        f"cpu{group}/cpu.cfs_quota_us": str(quota),
        f"cpu{group}/cpu.cfs_period_us": "100000",
    }


@pytest.mark.parametrize(
    ("expected", "files", "membership"),
    [
        pytest.param(
            2, {"cpu.max": "200000 100000"}, "0::/", id="a-container-of-its-own"
        ),
        pytest.param(
            0.5, {"cpu.max": "50000 100000"}, "0::/", id="less-than-a-core-is-told"
        ),
        pytest.param(
            3,
            {f"{POD}/cpu.max": "300000 100000"},
            f"0::/{POD}",
            id="the-nodes-groups-with-ours-far-down",
        ),
        pytest.param(
            1.5,
            {
                f"{POD}/cpu.max": "max 100000",
                "kubepods.slice/kubepods-pod1.slice/cpu.max": "150000 100000",
                "kubepods.slice/cpu.max": "6400000 100000",
            },
            f"0::/{POD}",
            id="the-pods-limit-where-the-container-has-none",
        ),
        pytest.param(
            None,
            {"cpu.max": "max 100000"},
            "0::/../../elsewhere",
            id="a-group-outside-of-what-we-see",
        ),
        pytest.param(
            4,
            _version_1("", 400000),
            "4:cpu,cpuacct:/\n3:memory:/kubepods",
            id="version-1",
        ),
        pytest.param(
            2.5,
            _version_1("/kubepods/pod1", 250000) | _version_1("", -1),
            "4:cpu,cpuacct:/kubepods/pod1\n3:memory:/other",
            id="version-1-with-ours-further-down",
        ),
        pytest.param(
            1,
            {
                "cpu,cpuacct/pod/cpu.cfs_quota_us": "100000",
                "cpu,cpuacct/pod/cpu.cfs_period_us": "100000",
            },
            "2:cpu,cpuacct:/pod",
            id="version-1-without-its-usual-link",
        ),
        pytest.param(
            None,
            _version_1("/other", 100000),
            "3:memory:/other\n2:cpuset:/other",
            id="other-controllers-do-not-count",
        ),
        pytest.param(None, {"cpu.max": ""}, "0::/", id="an-empty-file"),
        pytest.param(None, {}, "0::/gone", id="nothing-there"),
    ],
)
def test_the_share_of_a_container_is_found(tmp_path, expected, files, membership):
    _write(tmp_path, files)

    assert expected == read_limit(tmp_path, membership)


def test_no_more_cores_are_counted_than_we_may_run_on():
    assert 1 <= count_cpus() <= len(os.sched_getaffinity(0))
