"""What may be trained on: sound archives in many forms; all others are refused."""

import numpy as np
import pytest

from mnist_trainer.errors import DataError, ExitCode
from trainer.refused_data import CASES
from trainer.samples import arrays, pack, read


def test_the_classic_archive_is_read_as_it_is(archive):
    content = arrays()
    dataset = read(archive(pack(content)))

    assert (60, 20) == (dataset.train.count, dataset.test.count)
    assert ((28, 28), 10) == (dataset.shape, dataset.classes)
    assert tuple("0123456789") == dataset.names
    assert () == dataset.notes
    assert not dataset.held_back
    np.testing.assert_array_equal(content["x_train"], dataset.train.images)
    np.testing.assert_array_equal(content["y_test"], dataset.test.labels)


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("uint8", "uint8"),
        ("int64", "uint8"),
        (">i2", "uint8"),
        ("<u8", "uint8"),
        ("float16", "float32"),
        ("float32", "float32"),
        (">f8", "float32"),
        ("longdouble", "float32"),
    ],
)
@pytest.mark.parametrize("order", "CF")
def test_numbers_of_any_type_and_order_are_taken(archive, kind, kept, order):
    content = arrays()
    images = np.asarray(content["x_train"], kind, order=order)
    dataset = read(archive(pack(content | {"x_train": images})))

    assert kept == dataset.train.images.dtype
    assert dataset.train.images.flags.c_contiguous
    np.testing.assert_array_equal(content["x_train"], dataset.train.images)


@pytest.mark.parametrize("kind", ["uint8", "int8", ">i8", "uint64"])
def test_labels_of_any_whole_type_are_taken(archive, kind):
    content = arrays()
    changed = content | {"y_train": content["y_train"].astype(kind)}
    labels = read(archive(pack(changed))).train.labels

    assert np.int32 == labels.dtype
    np.testing.assert_array_equal(content["y_train"], labels)


def test_a_column_of_labels_is_taken(archive):
    content = arrays()
    changed = content | {"y_train": content["y_train"].reshape(-1, 1)}
    dataset = read(archive(pack(changed)))

    np.testing.assert_array_equal(content["y_train"], dataset.train.labels)


def test_further_arrays_are_left_alone(archive):
    content = arrays(notes=np.array([{"any": "object"}], dtype=object))

    assert 60 == read(archive(pack(content))).train.count


@pytest.mark.parametrize("classes", [2, 3, 60])
def test_classes_are_counted_from_the_labels(archive, classes):
    content = arrays(y_train=np.arange(60) % classes, y_test=np.arange(20) % classes)

    assert classes == read(archive(pack(content))).classes


def test_a_thousand_classes_are_taken(archive):
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (2000, 8, 8), np.uint8)
    labels = np.arange(2000) % 1000
    names = np.array([f"sign {number}" for number in range(1000)])
    content = {"x_train": images, "y_train": labels, "class_names": names}
    dataset = read(archive(pack(content)))

    assert 1000 == dataset.classes
    assert (1000, 1000) == (dataset.train.count, dataset.test.count)
    assert "sign 999" == dataset.names[999]


@pytest.mark.parametrize(
    ("shape", "seen"),
    [
        ((8, 8), (8, 8)),
        ((13, 40), (13, 40)),
        ((256, 9), (256, 9)),
        ((28, 28, 1), (28, 28)),
        ((32, 32, 3), (32, 32, 3)),
        ((10, 12, 2), (10, 12, 2)),
        ((10, 12, 4), (10, 12, 4)),
    ],
)
@pytest.mark.parametrize("order", "CF")
def test_images_of_other_shapes_are_taken(archive, shape, seen, order):
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (60, *shape), np.uint8)
    content = arrays(
        x_train=np.asarray(images, order=order),
        x_test=generator.integers(0, 256, (20, *shape), np.uint8),
    )
    dataset = read(archive(pack(content)))

    assert seen == dataset.shape
    np.testing.assert_array_equal(images.reshape(60, *seen), dataset.train.images)


def test_a_channel_more_or_less_makes_no_other_size(archive):
    content = arrays()
    changed = content | {"x_test": content["x_test"][..., np.newaxis]}
    dataset = read(archive(pack(changed)))

    np.testing.assert_array_equal(content["x_test"], dataset.test.images)


def test_inverted_images_are_taken(archive):
    """As they are: nobody can know which of ink and paper was meant to be bright."""
    images = 255 - arrays()["x_train"]
    dataset = read(archive(pack(arrays(x_train=images))))

    np.testing.assert_array_equal(images, dataset.train.images)


def test_classes_have_the_names_that_the_archive_gives_them(archive):
    names = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt")
    names += ("Sneaker", "Bag", "Stövel 靴")
    content = arrays(class_names=np.array(names))

    assert names == read(archive(pack(content))).names


@pytest.mark.parametrize(("content", "found", "remedy"), CASES)
def test_a_refusal_names_what_was_found_and_the_remedy(archive, content, found, remedy):
    with pytest.raises(DataError) as refused:
        read(archive(content))

    assert ExitCode.DATA == refused.value.code
    assert str(refused.value).startswith("/data/mnist.npz: ")
    assert found in str(refused.value)
    assert remedy in str(refused.value)
    assert len(str(refused.value)) < 600
    assert str(refused.value).isprintable()
