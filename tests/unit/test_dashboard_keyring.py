"""Which keys the page checks signatures with: files, and folders of them."""

import click
import pytest

from mnist_operator.cli.dashboard.keyring import Keyring
from mnist_operator.signing import read_hint, sign_statement
from unit.signing_keys import ED25519, P256, STATEMENT, pem_of, public_of


@pytest.fixture(name="folder")
def _folder(tmp_path):
    """As a ConfigMap is mounted: the files are links into a folder beside them."""
    (tmp_path / "..now").mkdir()
    (tmp_path / "..data").symlink_to("..now")
    for name, key in (("b.pub", P256), ("a.pub", ED25519)):
        (tmp_path / "..now" / name).write_bytes(public_of(key))
        (tmp_path / name).symlink_to(f"..data/{name}")
    return tmp_path


def test_the_keys_of_a_folder_are_its_files_by_name(folder):
    found = Keyring([folder]).read()

    assert ["a.pub", "b.pub"] == [each.name for each in found]
    assert [public_of(ED25519), public_of(P256)] == [each.pem for each in found]


@pytest.mark.parametrize("key", [ED25519, P256])
def test_a_key_is_named_as_signatures_by_it_name_it(key, tmp_path):
    path = tmp_path / "operator.pub"
    path.write_bytes(public_of(key))

    [found] = Keyring([path]).read()

    assert read_hint(sign_statement(STATEMENT, pem_of(key))) == found.hint


def test_what_is_changed_in_a_folder_is_seen(folder):
    keyring = Keyring([folder])
    keyring.read()
    (folder / "a.pub").unlink()

    assert ["b.pub"] == [each.name for each in keyring.read()]


def test_no_key_at_all_is_no_fault():
    assert () == Keyring([]).read()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        pytest.param(
            lambda at: (at / "c.pub").write_text("no key"),
            "c.pub: is none in PEM",
            id="no-key",
        ),
        pytest.param(
            lambda at: (at / "c.pub").write_bytes(pem_of(ED25519)),
            "c.pub: is a private one",
            id="a-private-key",
        ),
        pytest.param(
            lambda at: [(at / each).unlink() for each in ("a.pub", "b.pub")],
            ": there is no file in this folder",
            id="nothing",
        ),
    ],
)
def test_a_folder_without_good_keys_is_refused_with_its_name(folder, spoil, told):
    spoil(folder)

    with pytest.raises(click.UsageError) as caught:
        Keyring([folder]).read()

    assert caught.value.message.startswith(f"--key {folder}")
    assert told in caught.value.message


def test_a_file_that_went_away_is_told(tmp_path):
    with pytest.raises(click.UsageError, match=r"--key .*: No such file or directory"):
        Keyring([tmp_path / "operator.pub"]).read()
