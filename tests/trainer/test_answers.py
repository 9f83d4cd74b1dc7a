"""Whether two models answer alike is told by one digest, in every type and order."""

import hashlib
import struct

import numpy as np
import pytest

from mnist_trainer.answers import digest_answers
from mnist_trainer.metrics import measure

_LABELS = np.array([0, 2, 1])


def test_it_is_the_sha256_of_the_classes_in_eight_bytes_each():
    classes = struct.pack("<3q", 0, 2, 1)

    assert hashlib.sha256(classes).hexdigest() == digest_answers(_LABELS)


@pytest.mark.parametrize("kind", ["uint8", ">i4", "<i8"])
def test_it_does_not_depend_on_the_type_of_the_numbers(kind):
    assert digest_answers(_LABELS) == digest_answers(_LABELS.astype(kind))


def test_surer_answers_are_the_same_and_another_one_is_not():
    sure = np.array([[0.9, 0.1], [0.2, 0.8]])
    surer = np.array([[0.99, 0.01], [0.1, 0.9]])
    other = np.array([[0.9, 0.1], [0.6, 0.4]])

    first, second, third = (
        measure(each, np.array([0, 1]), "ab")["predictionsSha256"]
        for each in (sure, surer, other)
    )

    assert first == second
    assert first != third
