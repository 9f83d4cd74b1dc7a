"""Where a run computes, on a machine without a GPU: said, and never by surprise."""

import pytest

from mnist_trainer.devices import choose_devices
from mnist_trainer.errors import DeviceMissingError
from mnist_trainer.parameters import Device

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
