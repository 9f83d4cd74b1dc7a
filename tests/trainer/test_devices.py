"""Where and with what a run computes, without a GPU: said, and never by surprise."""

from dataclasses import replace

import pytest

from mnist_trainer.config import Build
from mnist_trainer.devices import choose_devices, name_processor
from mnist_trainer.errors import DeviceMissingError
from mnist_trainer.parameters import Device
from trainer.programs import a_session

_PROMISED = {"NVIDIA_VISIBLE_DEVICES": "all"}


@pytest.fixture(autouse=True)
def _without_a_gpu(engine):
    if engine.tf.config.list_physical_devices("GPU"):
        pytest.fail("this machine has a GPU: hide it with CUDA_VISIBLE_DEVICES=''")


def test_a_run_that_asks_for_a_gpu_does_not_train_without_one():
    with pytest.raises(DeviceMissingError, match="ACCELERATOR=gpu") as refused:
        choose_devices(Device.GPU, {})

    assert 177 == refused.value.code
    assert "set device to Auto" in str(refused.value)


def test_a_promise_that_is_not_kept_is_told_and_the_cpu_is_taken():
    found = choose_devices(Device.AUTO, _PROMISED)

    assert () == found.gpus
    assert "training on the CPU" in found.note


@pytest.mark.parametrize(
    ("wanted", "environment"),
    [
        pytest.param(Device.AUTO, {}, id="nothing-promised"),
        pytest.param(Device.AUTO, {"NVIDIA_VISIBLE_DEVICES": "void"}, id="void"),
        pytest.param(Device.CPU, _PROMISED, id="none-wanted"),
    ],
)
def test_where_no_gpu_was_promised_nothing_is_said(wanted, environment):
    found = choose_devices(wanted, environment)

    assert not found.note
    assert "CPU" == found.facts["device"]


def test_a_cpu_works_on_two_halves_of_a_batch_side_by_side():
    assert 2 == choose_devices(Device.CPU, {}).towers


def _environment(folder, build):
    from mnist_trainer import finish  # noqa: PLC0415 (TensorFlow)

    session = a_session(folder, "--dry-run")
    devices = choose_devices(Device.CPU, {})
    config = replace(session.config, build=build)
    return finish.describe_environment(replace(session, config=config, devices=devices))


def test_packages_are_told_by_the_images_list_or_else_by_what_is_installed(tmp_path):
    inside = _environment(tmp_path, Build("ab" * 20, "https://git/x", "cd" * 32))
    outside = _environment(tmp_path, Build("", "", ""))

    assert ("cd" * 32, None) == (
        inside["requirementsSha256"],
        inside["installedSha256"],
    )
    assert outside["requirementsSha256"] is None
    assert 64 == len(outside["installedSha256"])
    assert ("ab" * 20, None) == (inside["sourceRevision"], outside["sourceRevision"])


def test_on_a_cpu_nothing_is_said_of_cuda_and_the_cpu_is_named(tmp_path):
    told = _environment(tmp_path, Build("", "", ""))

    assert set() == {"cuda", "cudnn", "driver", "computeCapability"} & told.keys()
    assert "CPU" == told["device"]
    assert told["processor"]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param(
            "processor\t: 0\nmodel name\t: A CPU @ 2.5GHz\nflags\t\t: avx2\n\n",
            "A CPU @ 2.5GHz",
            id="by-name",
        ),
        pytest.param(
            "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n",
            "CPU implementer 0x41, CPU part 0xd0c",
            id="arm-has-numbers-alone",
        ),
        pytest.param("", "", id="nothing-is-told"),
    ],
)
def test_the_kind_of_cpu_is_named_as_the_kernel_names_it(told, expected):
    assert expected == name_processor(told)
