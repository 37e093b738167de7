"""Files that hold a checksum, or are named by one: each flipped bit is noticed, and nothing honest is."""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest
from pydantic import TypeAdapter

from flows.core.errors import NotThere
from flows.stores import Store, checked
from flows.stores.checked import OBJECT, Damaged
from tests.support.sweeping import some

FRAME = pl.DataFrame({"mission": ["UNMISS", None], "incidents": [1, 2]})


@dataclass(frozen=True)
class Note:
    file: str
    size: int = 0


NOTE = TypeAdapter(Note)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path))


def flips(data: bytes) -> list[bytes]:
    """The data with one bit flipped, at each place; at a thousand places spread over it but in the sweep."""
    flipped = []
    for bit in some(range(len(data) * 8), 1000):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        flipped.append(bytes(changed))
    return flipped


def spoil(store: Store, path: str, data: bytes) -> None:
    """Change a file behind the store's back, which is quicker: nothing waits for the disk."""
    Path(str(store.local(path))).write_bytes(data)


@pytest.mark.parametrize("said", [{}, {"file": "Côte d'Ivoire.csv", "rows": [1, {"a": None}]}])
def test_a_json_object_comes_back_and_stays_json(store, said):
    checked.write_json(store, "a/note.json", said)
    assert checked.read_json(store, "a/note.json", OBJECT) == said
    # other programs see one more key
    assert json.loads(store.read("a/note.json")).items() >= said.items()


def test_json_that_was_written_elsewhere_comes_back(store):
    checked.write_json(store, "note.json", NOTE.dump_json(Note("a.csv", 3)) + b"\n")
    assert checked.read_json(store, "note.json", NOTE) == Note("a.csv", 3)
    with pytest.raises(ValueError, match="JSON object"):
        checked.write_json(store, "note.json", b"[1, 2]")


@pytest.mark.sweep
def test_each_flipped_bit_of_a_json_object_is_noticed(store):
    checked.write_json(store, "note.json", {"file": "a.csv", "size": 12})
    for data in flips(store.read("note.json")):
        spoil(store, "note.json", data)
        with pytest.raises(Damaged, match=r"note\.json is damaged"):
            checked.read_json(store, "note.json", OBJECT)


@pytest.mark.slow
@pytest.mark.sweep
def test_each_flipped_bit_of_an_email_is_noticed():
    mail = b"Subject: a\r\n\r\na4p_checksum: a4p_sha256:" + b"0" * 64 + b"\r\n"
    assert checked.holds(mail), "one of before has no checksum, whatever stands in it"
    assert not checked.holds(b"")
    whole = checked.with_header(mail)
    assert checked.holds(whole)
    for bit in range(len(whole) * 8):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        assert not checked.holds(bytes(damaged)), bit
    assert [end for end in range(len(whole)) if checked.holds(whole[:end])] == []


def test_each_flipped_bit_of_a_frame_is_noticed(store):
    checked.write_frame(store, "ledger.parquet", FRAME)
    assert checked.read_frame(store, "ledger.parquet").equals(FRAME)
    # other programs read it as any other
    assert pl.read_parquet(str(store.local("ledger.parquet"))).equals(FRAME)
    for data in flips(store.read("ledger.parquet")):
        spoil(store, "ledger.parquet", data)
        with pytest.raises(Damaged, match=r"ledger\.parquet is damaged"):
            checked.read_frame(store, "ledger.parquet")


@pytest.mark.parametrize("left", [0, 1, 20, -1])
def test_what_was_torn_off_is_noticed(store, left):
    checked.write_json(store, "note.json", {"file": "a.csv", "size": 12})
    checked.write_frame(store, "ledger.parquet", FRAME)
    for path in ("note.json", "ledger.parquet"):
        store.write(path, store.read(path)[:left])
    with pytest.raises(Damaged):
        checked.read_json(store, "note.json", OBJECT)
    with pytest.raises(Damaged):
        checked.read_frame(store, "ledger.parquet")


def test_files_of_version_0_5_0_stay_readable(store):
    store.write("note.json", json.dumps({"file": "a.csv", "size": 12}, indent=2).encode())
    FRAME.write_parquet(str(store.local("ledger.parquet")))
    assert checked.read_json(store, "note.json", NOTE) == Note("a.csv", 12)
    assert checked.read_frame(store, "ledger.parquet").equals(FRAME)


@pytest.mark.parametrize("data", [b"", b'{"file": "a.csv"', b"[1]", b"PAR1", b"\xff\xfe", b'{"size": "many"}'])
def test_what_is_no_document_at_all_is_damaged(store, data):
    store.write("note.json", data)
    with pytest.raises(Damaged):
        checked.read_json(store, "note.json", NOTE)
    with pytest.raises(Damaged):
        checked.read_frame(store, "note.json")


def test_an_error_names_the_file_and_what_to_do_and_quotes_nothing(store):
    store.write("note.json", b'{"file": "secret.csv", "size": "secret"}')
    with pytest.raises(Damaged) as raised:
        checked.read_json(store, "note.json", NOTE, "remove it")
    assert str(raised.value) == f"The file {store.at('note.json')} is damaged; remove it."


def test_a_text_with_the_words_of_a_checksum_is_a_text(store):
    said = {"file": 'a4p_checksum": "a4p_sha256:' + "0" * 64 + ".csv"}
    checked.write_json(store, "note.json", said)
    assert checked.read_json(store, "note.json", OBJECT) == said


def test_a_document_that_is_not_there_is_not_damaged(store):
    with pytest.raises(NotThere):
        checked.read_json(store, "note.json", OBJECT)
    with pytest.raises(NotThere):
        checked.read_frame(store, "ledger.parquet")


def test_it_is_created_once(store):
    assert checked.create_json(store, "note.json", {"file": "a"})
    assert not checked.create_json(store, "note.json", {"file": "b"})
    assert checked.read_json(store, "note.json", OBJECT) == {"file": "a"}


def test_a_file_named_by_its_content_is_held_against_its_name(store):
    data = b"some content"
    path = f"staged/hospitals/{sha256(data).hexdigest()}.parquet"
    assert not checked.is_whole(store, path)
    checked.put(store, path, data)
    assert checked.is_whole(store, path)
    assert checked.read(store, path) == data
    for changed in flips(data):
        store.write(path, changed)
        assert not checked.is_whole(store, path)
        with pytest.raises(Damaged):
            checked.read(store, path)
    checked.put(store, path, data)
    assert checked.read(store, path) == data


def test_a_hash_that_is_known_otherwise_goes_before_the_name(store):
    path = f"raw/hospitals/{sha256(b'content').hexdigest()}/{sha256(b'its name only').hexdigest()}.csv"
    store.write(path, b"content")
    assert checked.is_whole(store, path, sha256(b"content").hexdigest())
    assert checked.read(store, path, sha256(b"content").hexdigest()) == b"content"
    with pytest.raises(Damaged):
        checked.read(store, path, sha256(b"other").hexdigest())


def test_a_name_without_a_hash_says_nothing(store):
    store.write("read/hospitals.parquet", b"what version 0.5.0 wrote")
    assert checked.is_whole(store, "read/hospitals.parquet")
    assert checked.read(store, "read/hospitals.parquet") == b"what version 0.5.0 wrote"
