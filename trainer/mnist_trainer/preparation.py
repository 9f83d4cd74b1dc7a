"""For what can be made ready while the learning is at work, and cost time after it.

What Python builds in one thread fills the moments in which a core waits for another.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from mnist_trainer import model, predict
from mnist_trainer.dataset import Dataset
from mnist_trainer.plan import Plan
from mnist_trainer.session import start_thread
from mnist_trainer.train import Learned

__all__ = ["Prepared", "prepare_beside"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model without weights, and the graph that answers for it."""

    model: Any
    predict: Callable[[Learned, Any], Any]
    """From what was learned and (count, ...) images to (count, classes) float32."""


def prepare_beside(
    dataset: Dataset, plan: Plan, begun: threading.Event
) -> Future[Prepared]:
    """Prepare in a thread, once the learning has its graph and is at work."""

    def prepare() -> Prepared:
        begun.wait()
        return Prepared(
            model=model.lay_out_model(
                plan.network,
                grey=len(dataset.shape) == 2,  # noqa: PLR2004 (no axis for channels)
                dropout=float(plan.parameters.dropout),
            ),
            predict=predict.compile_predictor(plan, dataset.test.images),
        )

    return start_thread("prepare", prepare)
