"""For showing people how good a model is: three pictures, and a page with all."""

from typing import Final

from mnist_trainer.curve import draw_curve
from mnist_trainer.findings import Findings
from mnist_trainer.matrix import draw_matrix
from mnist_trainer.mistakes import draw_mistakes, find_mistakes
from mnist_trainer.page import Figure, compose_page

__all__ = ["compose_report"]

_CURVE: Final = "training_curve.png"
_MATRIX: Final = "confusion_matrix.png"
_MISTAKES: Final = "worst_mistakes.png"
_PAGE: Final = "index.html"


def compose_report(findings: Findings) -> dict[str, bytes]:
    """Compose the report's files by their names; the same findings, the same bytes."""
    metrics = findings.metrics
    title = f"Test accuracy {metrics['accuracy']:.2%}, loss {metrics['loss']:.4f}"
    mistakes = find_mistakes(findings.probabilities, findings.labels)
    # A model that was only measured has no training to show.
    learned = findings.history.curve
    pictures = {_CURVE: draw_curve(findings.history, title=title)} if learned else {}
    pictures |= {
        _MATRIX: draw_matrix(metrics["confusionMatrix"], findings.names),
        _MISTAKES: draw_mistakes(findings.images, mistakes, findings.names),
    }
    wrong = round((1 - metrics["accuracy"]) * len(findings.labels))
    texts = {
        _CURVE: (
            "Training",
            "Loss and accuracy on the training images, while the model was learning.",
        ),
        _MATRIX: (
            "Confusion matrix",
            "Test images by what they are (rows) and what the model says (columns).",
        ),
        _MISTAKES: (
            "Worst mistakes",
            f"The {len(mistakes)} of {wrong} mistakes that the model is surest of.",
        ),
    }
    figures = [Figure(*texts[name], png) for name, png in pictures.items()]
    sections = {
        "Data": metrics.get("data", {}),
        "Parameters": findings.parameters,
        "Time in seconds": metrics.get("seconds", {}),
        "Lineage": findings.lineage,
        "Environment": metrics.get("environment", {}),
    }
    page = compose_page(metrics, figures=figures, sections=sections)
    return pictures | {_PAGE: page}
