"""For remembering how training went: points for the curve, a line for each epoch."""

from dataclasses import dataclass, field

__all__ = ["Epoch", "History", "Point"]


@dataclass(frozen=True, slots=True)
class Point:
    """A few consecutive steps."""

    steps: int
    at: float
    """How much of its epoch was done after them, up to 1."""
    loss: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Epoch:
    """Once through all training images, while the model was still learning."""

    number: int
    loss: float
    accuracy: float
    seconds: float

    def sentence(self, epochs: int) -> str:
        """Say it in the one line that a pod's log gets."""
        return (
            f"epoch {self.number}/{epochs}: loss {self.loss:.4f}, "
            f"accuracy {self.accuracy:.2%}, {self.seconds:.1f} s"
        )

    def describe(self) -> dict[str, float]:
        """Write the epoch down for ``metrics.json``."""
        return {
            "epoch": self.number,
            "loss": round(self.loss, 6),
            "accuracy": round(self.accuracy, 6),
            "seconds": round(self.seconds, 3),
        }


@dataclass(slots=True)
class History:
    """All of it, growing."""

    epochs: int
    """How many there will be."""
    done: list[Epoch] = field(default_factory=list)
    curve: list[tuple[float, Point]] = field(default_factory=list)
    """Each point with its place in the whole of training, in epochs."""
    _open: list[Point] = field(default_factory=list)

    def add(self, point: Point) -> None:
        """Remember a point of the epoch that is under way."""
        self._open.append(point)
        self.curve.append((len(self.done) + point.at, point))

    def close_epoch(self, seconds: float) -> Epoch:
        """Sum the epoch up, each step counting the same."""
        steps = sum(point.steps for point in self._open)
        epoch = Epoch(
            number=len(self.done) + 1,
            loss=sum(point.loss * point.steps for point in self._open) / steps,
            accuracy=sum(point.accuracy * point.steps for point in self._open) / steps,
            seconds=seconds,
        )
        self.done.append(epoch)
        self._open.clear()
        return epoch
