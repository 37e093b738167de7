"""`a4p proof` and the same from Python: what is said, the exit code, page and linked copy."""

import json
from pathlib import Path

from flows import Pipeline, Stores
from flows.documents.drafts.controls import controls
from tests.support.sharing import a4p
from tests.support.word_files import docx, paragraph

RIGHT = "Missions held 914 conduct and discipline trainings, up from 511."
WRONG = "Missions held 915 conduct and discipline trainings."


def _in(released: Path, *arguments: str) -> tuple[int, str, str]:
    places = {
        name: str(released / of)
        for name, of in (("INBOX", "inbox"), ("PRIVATE", "store/private"), ("PUBLIC", "store/public"))
    }
    return a4p(released, *arguments, **{f"A4P_{name}_URI": uri for name, uri in places.items()})


def test_command(released: Path, tmp_path: Path) -> None:
    """A wrong number is told with the right one and how to see where that comes from; exit code 1, else 0."""
    right, wrong, page = tmp_path / "right.txt", tmp_path / "wrong.txt", tmp_path / "page.html"
    right.write_text(RIGHT)
    wrong.write_text(WRONG)
    code, out, _ = _in(released, "proof", str(right), "--cycle", "5")
    assert code == 0, out
    # the newest cycle, where none is named
    assert _in(released, "proof", str(right)) == (code, out, "")
    assert "2 proved, 0 wrong" in out
    code, out, _ = _in(released, "proof", str(wrong), "--cycle", "5", "--json", "--out", str(page))
    assert code == 1
    told = json.loads(out)
    [number] = told["numbers"]
    assert (number["verdict"], number["right"], number["figure"]) == (
        "contradicts",
        914.0,
        "conduct_discipline_trainings",
    )
    assert number["see"] == "a4p explain conduct_discipline_trainings --cycle 5"
    assert "915" in page.read_text()


def test_wrong_calls(released: Path, tmp_path: Path) -> None:
    """Silence is no proof: what holds no text or no number fails; another kind of file is a wrong call."""
    empty, other = tmp_path / "empty.txt", tmp_path / "other.zip"
    empty.write_text("  ")
    other.write_text("x")
    code, _, err = _in(released, "proof", str(empty), "--cycle", "5")
    assert code == 1
    assert "Nothing can be read" in err
    empty.write_text("The missions held conduct and discipline trainings.")
    code, _, err = _in(released, "proof", str(empty), "--cycle", "5")
    assert code == 1
    assert "no number" in err
    empty.write_text("The choir sang 12 songs.")
    assert "no number of it was proved" in _in(released, "proof", str(empty), "--cycle", "5")[1]
    assert _in(released, "proof", str(other), "--cycle", "5")[0] == 2
    assert _in(released, "proof", str(tmp_path / "none.txt"), "--cycle", "5")[0] == 2


def test_from_python(released: Path, tmp_path: Path) -> None:
    """The face gives a frame of numbers, the page, and a copy whose proved numbers are linked."""
    draft = tmp_path / "draft.docx"
    draft.write_bytes(docx(paragraph(RIGHT)))
    here = Pipeline(stores=Stores(released / "inbox", released / "store/private", released / "store/public"))
    proof = here.proof(draft, 5)
    assert proof.holds
    assert proof.numbers["verdict"].to_list() == ["equal", "equal"]
    assert "Proof of draft.docx" in repr(proof)
    assert "914" in proof.page()
    linked = proof.linked(tmp_path / "linked.docx")
    assert [one.text for one in controls(linked.read_bytes())] == ["914", "511"]
    assert "2 numbers" in proof._repr_html_()
    # a value of long before is out of date: of each cycle before the last one its newest figures are looked at
    assert [(name, frame.is_empty()) for name, frame in here._of_cycles_before(7)] == [("cycle 5", False)]
    assert here._of_cycles_before(6) == []
