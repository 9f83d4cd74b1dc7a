"""For deciding where to compute: on a GPU if there is one, and never by surprise."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mnist_trainer.errors import DeviceMissingError
from mnist_trainer.parameters import Device

__all__ = ["Devices", "choose_devices", "name_processor"]

_PROMISE: Final = "NVIDIA_VISIBLE_DEVICES"
"""Set in a container by whoever gives it GPUs; "void" and "none" mean none."""
_NO_PROMISE: Final = frozenset({"", "none", "void"})
_DRIVER: Final = Path("/proc/driver/nvidia/version")
_PROCESSORS: Final = Path("/proc/cpuinfo")
_NUMBERS: Final = ("CPU implementer", "CPU part", "CPU variant", "CPU revision")


@dataclass(frozen=True, slots=True)
class Devices:
    """What a run computes on."""

    gpus: tuple[str, ...] = ()
    """Names, such as "NVIDIA H200"; a process uses the first alone."""
    facts: Mapping[str, Any] | None = None
    """What the result may depend on."""
    note: str = ""
    """What whoever reads the log should know."""

    @property
    def towers(self) -> int:
        """Parts of a batch that are worked out side by side; see ``steps``."""
        return 1 if self.gpus else 2


def choose_devices(wanted: Device, environment: Mapping[str, str]) -> Devices:
    """Settle it with TensorFlow, before its first use.

    Raises:
        DeviceMissingError: if only a GPU will do, and there is none.

    """
    import tensorflow as tf  # noqa: PLC0415 (imported by now)

    gpus = tf.config.list_physical_devices("GPU")
    if wanted is Device.CPU or not gpus:
        tf.config.set_visible_devices([], "GPU")
        return Devices(
            facts={"device": "CPU", "processor": name_processor(_read(_PROCESSORS))},
            note=_explain_missing(wanted, environment),
        )
    tf.config.set_visible_devices(gpus[:1], "GPU")
    # Otherwise the first process of a GPU takes all of its memory.
    tf.config.experimental.set_memory_growth(gpus[0], enable=True)
    details = [tf.config.experimental.get_device_details(each) for each in gpus]
    names = tuple(str(each.get("device_name", "GPU")) for each in details)
    build = tf.sysconfig.get_build_info()
    return Devices(
        gpus=names,
        facts={
            "device": "GPU",
            "processor": names[0],
            "computeCapability": ".".join(
                map(str, details[0].get("compute_capability", ()))
            ),
            "cuda": build.get("cuda_version"),
            "cudnn": build.get("cudnn_version"),
            "driver": _find_driver(),
        },
        note=f"{len(gpus)} GPUs are visible, the first is used" if gpus[1:] else "",
    )


def _explain_missing(wanted: Device, environment: Mapping[str, str]) -> str:
    promised = environment.get(_PROMISE, "") not in _NO_PROMISE
    if wanted is Device.GPU:
        raise DeviceMissingError(
            "parameter device is GPU and TensorFlow finds none: ask for one in "
            "spec.trainer.resources (nvidia.com/gpu) with an image that was built "
            "with ACCELERATOR=gpu, or set device to Auto"
        )
    if wanted is Device.AUTO and promised:
        return (
            f"{_PROMISE} promises a GPU and TensorFlow finds none: training on the CPU "
            "(parameter device is Auto; GPU would refuse)"
        )
    return ""


def name_processor(told: str) -> str:
    """Name the kind of CPU, on which the last bits of the weights depend.

    Args:
        told: what /proc/cpuinfo says; on ARM, numbers in place of a name.

    """
    lines = (line.partition(":") for line in told.splitlines())
    facts = {name.strip(): value.strip() for name, _, value in lines}
    if named := facts.get("model name"):
        return named
    numbers = (f"{key} {facts[key]}" for key in _NUMBERS if key in facts)
    return ", ".join(numbers)


def _find_driver() -> str | None:
    words = _read(_DRIVER).split()
    numbers = [word for word in words if word[:1].isdigit() and "." in word]
    return numbers[0] if numbers else None


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
