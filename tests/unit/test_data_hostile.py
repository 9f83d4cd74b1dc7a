"""Archives that lie are refused before they cost memory, with file, array and remedy.

The expected words are those that whoever pushed the file reads.
"""

import contextlib
import io
import struct
import tracemalloc
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.datasets import headers, pairs, surveys
from mnist_operator.datasets.refusals import NoDatasetError
from unit.builders import examples
from unit.data_archives import dataset, header, npy, npz

Y = npy(bytes(3), shape=(3,))
X = npy(bytes(12), shape=(3, 2, 2))


def _refusal(file):
    with pytest.raises(NoDatasetError) as caught:
        surveys.survey("/data/mnist.npz", file, io.BytesIO)
    told = str(caught.value)
    assert told.startswith("/data/mnist.npz: ")
    assert told.isprintable()
    return told


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>not found</html>", id="a-web-page"),
        pytest.param(dataset([(1, 1)]).getvalue()[:-30], id="truncated"),
    ],
)
def test_what_is_no_archive(content):
    assert "it is no .npz archive (" in _refusal(io.BytesIO(content))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "it is no array in NumPy's format", id="nothing"),
        pytest.param(b"GIF89a" + bytes(20), "it is no array", id="something-else"),
        pytest.param(b"\x93NUMPY\x09\x00" + bytes(20), "it is no array", id="version"),
        pytest.param(
            b"\x93NUMPY\x02\x00" + struct.pack("<I", 1 << 31),
            "its header claims 2147483648 bytes",
            id="a-header-of-2-gib",
        ),
        pytest.param(
            b"\x93NUMPY\x01\x00" + struct.pack("<H", 100) + b"{",
            "its header claims 100 bytes, of which 10000 can be and 1 are there",
            id="a-cut-header",
        ),
    ],
)
def test_what_is_no_array(content, said):
    assert f"x_train: {said}" in _refusal(npz(x_train=content, y_train=Y))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("{" * 9000, id="deep"),
        pytest.param("__import__('os').system('true')", id="code"),
        pytest.param(header(shape=(3, 2, 2)) + " + 1", id="something-behind"),
        pytest.param(header(shape=(3, -2, 2)), id="negative"),
        pytest.param(header(shape=(3, 10**20, 2)), id="beyond-all-bounds"),
        pytest.param(header(shape=(1,) * 40), id="too-many-axes"),
        pytest.param(
            "{'descr': '|u1', 'fortran_order': 1, 'shape': (3, 2, 2), }", id="a-number"
        ),
        pytest.param(
            "{'descr': '|u1', 'fortran_order': 'C', 'shape': (3, 2, 2), }", id="a-text"
        ),
        pytest.param(
            "{'descr': '|u1', 'fortran_order': False, 'shape': (3 2), }", id="no-comma"
        ),
        pytest.param(
            "{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (3,), }",
            id="a-record",
        ),
        pytest.param("{'descr': '|u1', 'fortran_order': False, }", id="no-shape"),
        pytest.param(" 'descr': '|u1', 'shape': (3,) ", id="no-brace"),
    ],
)
def test_a_header_that_is_none(text):
    told = _refusal(npz(x_train=npy(bytes(12), text=text or " "), y_train=Y))

    assert "x_train: its header cannot be read (" in told
    assert told.endswith("write the file anew")


def test_a_header_that_claims_a_thousand_million_samples():
    x = npy(bytes(12), shape=(10**9, 28, 28))

    told = _refusal(npz(x_train=x, y_train=Y))

    assert "x_train claims 784000000000 bytes of shape (1000000000, 28, 28)" in told
    assert "holds 12: write the file anew" in told


def test_more_bytes_than_the_header_says():
    assert "x_train claims 12 bytes of shape (3, 2, 2) and holds 13" in _refusal(
        npz(x_train=X + b"!", y_train=Y)
    )


def _claiming(arrays):
    """An archive whose directory claims other sizes than the entries have."""
    content = bytearray(
        npz(**{name: array for name, (array, _) in arrays.items()}).getvalue()
    )
    for name, (_, size) in arrays.items():
        at = content.rindex(f"{name}.npy".encode()) - 46
        assert b"PK\1\2" == content[at : at + 4]
        content[at + 24 : at + 28] = struct.pack("<I", size)
    return io.BytesIO(content)


def test_bombs_are_refused_by_what_they_claim():
    """Six GiB, as headers and directory say alike; nothing is unpacked."""
    size = 3 << 30
    x = npy(b"", shape=(size // 65536, 256, 256))
    arrays = {each: (x, len(x) + size) for each in ("x_train", "x_test")}

    told = _refusal(_claiming(arrays))

    assert f"its arrays claim {2 * size} bytes, the limit is {4 << 30}" in told
    assert "push fewer or smaller images, or save them with astype('uint8')" in told


def test_an_array_that_is_shorter_than_everything_says():
    x = npy(bytes(12), shape=(4, 2, 2))
    y = npy(bytes(4), shape=(4,))

    told = _refusal(_claiming({"x_train": (x, len(x) + 4), "y_train": (y, len(y))}))

    assert "x_train: it is damaged (it ends too early): push the file again" in told


def test_arrays_that_are_too_large_together(monkeypatch):
    monkeypatch.setattr("mnist_operator.datasets.archives.MOST_BYTES", 14)

    assert "its arrays claim 15 bytes, the limit is 14: push fewer or smaller" in (
        _refusal(npz(x_train=X, y_train=Y))
    )


def test_more_samples_than_can_be_compared(monkeypatch):
    monkeypatch.setattr(pairs, "MOST_SAMPLES", 2)

    told = _refusal(npz(x_train=X, y_train=Y))

    assert "x_train claims 3 samples, the limit is 2: compare smaller files" in told


def test_more_samples_than_can_be_compared_in_several_files(monkeypatch):
    parts = [
        surveys.survey(name, dataset([(1, 0), (2, 1)]), io.BytesIO) for name in "ab"
    ]
    monkeypatch.setattr(pairs, "MOST_SAMPLES", 3)

    with pytest.raises(NoDatasetError, match="it claims 4 samples, the limit is 3"):
        surveys.join(parts)


def test_zeros_that_were_packed_well_take_no_memory():
    """16 MiB of zeros in 16 KiB."""
    count = (16 << 20) // (256 * 256)
    x = npy(bytes(count * 256 * 256), shape=(count, 256, 256))
    file = npz(x_train=x, y_train=npy(bytes(count), shape=(count,)))
    del x
    assert 1 << 15 > len(file.getvalue())

    tracemalloc.start()
    found = surveys.survey("/a.npz", file, io.BytesIO)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == len(found.train)
    assert 6 << 20 > peak


def test_a_turned_bit_is_found():
    size = 3 * 64 * 64
    x = npy(bytes(size - 1) + b"?", shape=(3, 64, 64))
    content = npz(zipfile.ZIP_STORED, x_train=x, y_train=Y).getvalue()

    told = _refusal(io.BytesIO(content.replace(b"\0?", b"\0!", 1)))

    assert "x_train: it is damaged (Bad CRC-32" in told


def test_a_stream_that_ends_early_is_found():
    content = bytearray(npz(x_train=X, y_train=Y).getvalue())
    at = content.index(b"x_train.npy") + len(b"x_train.npy")
    content[at : at + 8] = bytes(8)

    assert "x_train cannot be read (" in _refusal(io.BytesIO(content))


def test_an_encrypted_entry():
    content = bytearray(npz(zipfile.ZIP_STORED, x_train=X, y_train=Y).getvalue())
    content[content.index(b"PK\1\2") + 8] |= 1

    assert "x_train is encrypted: write the file without a password" in _refusal(
        io.BytesIO(content)
    )


def test_another_packing_than_numpys():
    assert "x_train is packed with method 14: write the file with numpy.savez" in (
        _refusal(npz(zipfile.ZIP_LZMA, x_train=X, y_train=Y))
    )


def test_a_directory_that_would_fill_the_memory():
    file = npz(zipfile.ZIP_STORED, **{f"{'n' * 60_000}{n}": b"" for n in range(80)})

    assert "it holds more entries than can be meant" in _refusal(file)


def test_names_that_would_move_the_cursor_are_not_repeated():
    told = _refusal(npz(**{"\x1b[2J": b""}))

    assert "the archive holds ?[2J.npy" in told


# --- whatever else --------------------------------------------------------------------

VALID = {
    packing: dataset_of.getvalue()
    for packing, dataset_of in (
        ("stored", npz(zipfile.ZIP_STORED, x_train=X, y_train=Y)),
        ("packed", npz(zipfile.ZIP_DEFLATED, x_train=X, y_train=Y)),
        ("named", dataset([(1, 0), (2, 1)], [(3, 1)], names=["a", "b"])),
    )
}
CHANGES = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=4)),
    min_size=1,
    max_size=6,
)


@examples
@given(st.sampled_from(sorted(VALID)), CHANGES, st.floats(0.5, 1))
def test_a_changed_file_is_read_or_refused_and_nothing_else(name, changes, rest):
    content = bytearray(VALID[name])
    for place, new in changes:
        at = int(place * len(content))
        content[at : at + len(new)] = new
    file = io.BytesIO(bytes(content[: int(rest * len(content))]))

    refused = ""
    try:
        surveys.survey("/a.npz", file, io.BytesIO)
    except NoDatasetError as error:
        refused = str(error)

    assert refused.isprintable()


@examples
@given(
    st.text(alphabet="{}()'\",:LTrue False0123descrshapefortran_order|u1", max_size=90)
)
def test_a_header_of_any_text_is_read_or_refused(text):
    with contextlib.suppress(NoDatasetError):
        headers.parse_header(npy(b"", text=text))
