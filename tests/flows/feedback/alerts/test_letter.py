"""What a message says, in English and in French: where it stands and what to do, never what stands there."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest

from config import Config
from flows.feedback import alerts
from flows.feedback.alerts.letter import Letter, Listed, letter
from flows.feedback.alerts.mail import email
from flows.feedback.alerts.notice import Kind
from flows.feedback.alerts.words import text
from tests.flows.feedback.alerts.cycle import ALONE, MISSIONS, NOW, Cycle, file, finding, of_mission, sent
from tests.support.files import CONFIG, CYCLE

NBSP, THIN = "\u00a0", "\u202f"
FRENCH = {"message_fr": "Le mot n'est pas admis.", "remedy_fr": "Choisissez-en un autre."}
LETTERS = CONFIG.messages.letters


def written(cycle: Cycle, config: Config | None = None, attached: str | None = "attached") -> Letter:
    (notice,) = cycle.due
    return letter(notice, config or cycle.config, CYCLE, attached)


def mission(*found: dict, name: str = "UNMISS", **said: object) -> Cycle:
    """The cycle of one mission, whose workbook has these findings."""
    rows = [one | of_mission(name) | {"sheet": "SOFA-SOMA incidents"} | FRENCH for one in found]
    received = of_mission(name, sha256="x", file=f"cycle-05/mission_report/{name}/{name} A4P.xlsx")
    counts = {"rows_read": 1250, "rows_staged": 1249, "rows_quarantined": 1}
    return Cycle(MISSIONS).refresh(*rows, files=sent(file(**{**received, **counts, **said})))


def test_an_english_message() -> None:
    told = written(mission(finding("a", row=4), finding("b", row=7, severity="warning")))
    assert told.subject == "A4P+ cycle 5: your file was accepted in part – 2 points to mend"
    assert told.plain == (
        "Dear colleagues,\n\n"
        "This is about “Mission workbook” of UNMISS for A4P+ cycle 5 (1 November 2023 to 30 April 2024).\n\n"
        "Received:\n  - UNMISS A4P.xlsx (1 May 2024): accepted, 1,249 of 1,250 rows; rows refused: 1\n\n"
        "We read:\n  - SOFA-SOMA incidents: 1,249 rows\n\n"
        "Due on 14 June 2024.\n\n"
        "To mend (2):\n"
        "  - [must be mended] sheet SOFA-SOMA incidents, row 4, column Cause: It is wrong. Mend it.\n"
        "  - [please look at] sheet SOFA-SOMA incidents, row 7, column Cause: It is wrong. Mend it.\n\n"
        "Your file is attached with the cells marked. Mend them there or in your own file.\n\n"
        "What to do: mend the file, check it with “a4p check FILE --cycle 5” or on the check page, and send it "
        "again the way you sent it. The new file replaces the old one.\n\n"
        "The A4P+ data pipeline. Nobody reads answers to this message; write to the A4P+ coordinator.\n"
    )


def test_a_french_message() -> None:
    told = written(mission(finding("a", row=4), name="MINUSCA"), attached="attached_without_names")
    assert (told.language, told.subject) == (
        "fr",
        f"A4P+, cycle 5{NBSP}: votre fichier est accepté en partie – 1 point à corriger",
    )
    assert told.plain.split("\n\n")[1:7] == [
        f"Ce message porte sur «{NBSP}Classeur de la mission{NBSP}» (MINUSCA) pour le cycle 5 d'A4P+ (du 1er novembre "
        "2023 au 30 avril 2024).",
        f"Fichiers reçus{NBSP}:\n  - MINUSCA A4P.xlsx (1er mai 2024){NBSP}: accepté, 1{THIN}249 lignes sur "
        f"1{THIN}250{NBSP}; lignes refusées{NBSP}: 1",
        f"Nous avons lu{NBSP}:\n  - Incidents SOFA-SOMA{NBSP}: 1{THIN}249 lignes",
        f"Date limite{NBSP}: 14 juin 2024.",
        f"À corriger (1){NBSP}:\n  - [à corriger] feuille SOFA-SOMA incidents, ligne "
        f"4, colonne Cause{NBSP}: Le mot n'est pas admis. Choisissez-en un autre.",
        "Votre fichier est joint, avec les cellules concernées signalées. Les noms et autres données personnelles ont "
        "été retirés de cette copie ; corrigez votre propre fichier.".replace(" ;", f"{NBSP};"),
    ]
    english = [phrase.en for phrase in LETTERS.values() if len(phrase.en) > 30 and "{" not in phrase.en]
    assert not [said for said in english if said in told.plain]


class Shown(HTMLParser):
    """The text of a page, and the tags in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.said.append(data.strip())


def test_the_page_says_what_the_text_says_and_loads_nothing() -> None:
    told = written(mission(finding("a", message='<b>"It" & that</b> is wrong.')))
    page = Shown(told.html)
    said = [line.strip().removeprefix("- ") for line in told.plain.splitlines() if line.strip()]
    assert [one for one in page.said if one] == [told.subject, *said]
    assert "&lt;b&gt;" in told.html
    assert page.tags <= {"html", "head", "meta", "title", "body", "p", "strong", "ul", "li"}
    assert page.attributes <= {"lang", "charset"}


def test_a_subject_names_no_source_mission_file_or_finding() -> None:
    """Subjects are read on the way, and shown on locked screens."""
    for cycle in (mission(finding("a")), Cycle().refresh(finding("a")), Cycle().refresh()):
        (notice,) = cycle.due
        subject = written(cycle).subject
        contract = CONFIG.contract(notice.standing.source)
        for sensitive in (
            notice.standing.source,
            "UNMISS",
            contract.owner,
            contract.title.en,
            "x.csv",
            "cause",
            "wrong",
        ):
            assert sensitive not in subject
        for kind in ("received", "findings", "reminder", "overdue", "closed"):
            for phrase in (LETTERS[f"subject_{kind}"].en, LETTERS[f"subject_{kind}"].fr):
                assert set(re.findall(r"{(\w+)}", phrase)) <= {"points", "outcome", "due"}


@pytest.mark.parametrize(("n", "said"), [(0, "nothing to mend"), (1, "1 point to mend"), (2, "2 points to mend")])
def test_how_many_points_the_subject_tells(n: int, said: str) -> None:
    told = written(Cycle().refresh(*(finding(str(number)) for number in range(n))))
    assert told.subject == f"A4P+ cycle 5: your file was accepted – {said}"


def test_the_subject_says_what_became_of_the_file() -> None:
    refused = Cycle().refresh(finding("a"), files=sent(file(status="refused")))
    assert written(refused).subject == "A4P+ cycle 5: your file was not accepted – 1 point to mend"
    refused.tell()
    wait = ALONE.alerts.remind_after_days
    again = written(refused.after(days=wait).refresh(finding("a"), files=sent(file(status="refused"))))
    assert again.subject == "A4P+ cycle 5: reminder, your file was not accepted – 1 point to mend"


def test_only_so_many_are_told_and_how_many_more_there_are() -> None:
    cycle = Cycle().refresh(*(finding(f"{number:02}", row=number) for number in range(2, 27)))
    few = ALONE.alerts.model_copy(update={"show_at_most": 3})
    config = Config(**{**vars(ALONE), "alerts": few})
    told = written(cycle, config).plain
    assert told.count("[must be mended]") == 3
    assert "To mend (25):" in told
    assert "  - … and 22 more." in told


def test_what_is_new_comes_first_and_the_rest_is_not_called_new() -> None:
    cycle = Cycle().refresh(finding("old", row=1))
    cycle.tell()
    told = written(cycle.after(days=1).refresh(finding("old", row=1), finding("new", row=9, severity="warning")))
    lines = [line for line in told.plain.splitlines() if line.startswith("  - [")]
    assert [line.partition("]")[0] for line in lines] == ["  - [please look at, new", "  - [must be mended"]
    assert "To mend (2, of which 1 new):" in told.plain


def test_what_changes_nothing_is_in_no_message() -> None:
    note = finding("note", severity="info", row=None, column=None, message="A blank was removed.")
    told = written(Cycle().refresh(finding("a"), note)).plain
    assert "It is wrong." in told
    assert "A blank was removed." not in told
    alone = written(Cycle().refresh(note))
    assert "A blank was removed." not in alone.plain
    assert "nothing to mend" in alone.subject


def counted_in(cycle: Cycle, **sums: dict[str, int]) -> Letter:
    (notice,) = cycle.due
    files = notice.standing.judged["file"]
    return letter(notice, cycle.config, CYCLE, None, dict.fromkeys(files, sums))


def test_what_was_counted_is_said_by_the_titles_of_the_contract() -> None:
    said = {"sessions": 914, "training_days": 60, "participants": 1200}
    trainings = counted_in(mission(table="conduct_training"), conduct_training=said)
    assert (
        "\n\nWe read:\n  - Conduct trainings: 1,249 rows; Sessions: 914; Training days: 60; Participants: 1,200\n\n"
    ) in trainings.plain
    assert "training_days" not in trainings.plain
    french = counted_in(mission(name="MINUSCA", table="conduct_training"), conduct_training=said)
    assert f"Nous avons lu{NBSP}:\n  - Formations déontologie{NBSP}: 1{THIN}249 lignes{NBSP};" in french.plain
    assert f"{NBSP}; Séances{NBSP}: 914{NBSP}; Jours de formation{NBSP}: 60{NBSP};" in french.plain


def test_what_was_refused_and_what_only_says_whose_it_is_was_not_counted() -> None:
    for not_counted in (mission(table="cover"), mission(status="refused", table="conduct_training")):
        assert "We read:" not in counted_in(not_counted, conduct_training={"sessions": 1}, cover={}).plain
    # of what an earlier version kept there are no sums
    assert "- Conduct trainings: 1,249 rows\n" in counted_in(mission(table="conduct_training")).plain


def test_a_refused_file_and_refused_tables_are_named() -> None:
    whole = Cycle().refresh(finding("a"), files=sent(file(status="refused", table=None, file="cycle-05/noticas/n.csv")))
    assert "  - n.csv (1 May 2024): refused\n" in written(whole).plain
    rows = {"rows_quarantined": 0, "sha256": "x", "file": "b.xlsx"}
    files = sent(
        file(**of_mission("UNMISS"), **rows),
        file(**of_mission("UNMISS", table="cover", status="refused"), **rows | {"rows_staged": 0}),
    )
    part = Cycle(MISSIONS).refresh(finding("a", **of_mission("UNMISS")), files=files)
    assert "  - b.xlsx (1 May 2024): accepted, 3 of 6 rows; refused: Cover\n" in written(part).plain


def test_a_file_that_is_awaited() -> None:
    cycle = Cycle().refresh(files=sent())
    cycle.now = NOW.replace(year=2025)
    told = written(cycle, attached=None)
    assert told.subject == "A4P+ cycle 5: your file is awaited, overdue since 7 September 2024"
    due = CONFIG.contract("noticas").due(CYCLE)
    assert f"Nothing has been received yet. It was due on {due.day} {due:%B} 2024;" in told.plain
    assert "What to do: check your file" in told.plain
    assert "attached" not in told.plain


def test_a_file_that_came_late() -> None:
    late = Cycle().refresh(files=sent(file(received_at=NOW.replace(month=12))))
    assert "and came after that day." in written(late).plain


def test_what_is_settled_is_told() -> None:
    cycle = Cycle().refresh(finding("a"), finding("b"))
    cycle.tell()
    told = written(cycle.after(days=1).refresh(files=sent(file(sha256="good", day=21))), attached=None)
    assert told.subject == "A4P+ cycle 5: all points are mended, thank you"
    assert "All points that we had told you of are settled" in told.plain
    assert "Settled so far: 2." in told.plain
    assert "What to do" not in told.plain


def test_nobody_is_thanked_for_what_the_coordinator_settled() -> None:
    cycle = Cycle().refresh(finding("a"))
    cycle.tell()
    told = written(cycle.after(days=1).refresh(finding("a", waived="Coordinator: agreed by telephone")), attached=None)
    assert told.subject == "A4P+ cycle 5: nothing is left to mend"
    assert "the A4P+ coordinator has settled" in told.plain
    assert "hank" not in told.plain


def test_the_coordinators_address_stands_in_each_message() -> None:
    known = ALONE.alerts.model_copy(update={"coordinator": "a4p@example.org"})
    config = Config(**{**vars(ALONE), "alerts": known})
    told = written(Cycle().refresh(finding("a")), config).plain
    assert told.endswith("Answer this message or write to the A4P+ coordinator: a4p@example.org\n")


@pytest.mark.parametrize("subject", ["été à été é é é é é – 12 points à corriger " * 3, "A4P+ cycle 5: plain " * 8])
def test_a_subject_arrives_as_it_was_written(subject: str) -> None:
    subject = subject.strip()
    sent_out = email(Letter(subject, ("x",), "fr"), ["a@example.org"], (), NOW, "n", answers_to="c@example.org")
    came = message_from_bytes(sent_out.as_bytes(), policy=policy.default)
    assert str(came["Subject"]) == subject
    assert str(came["Reply-To"]) == "c@example.org"


def test_what_is_waived_is_counted() -> None:
    told = written(Cycle().refresh(finding("a", waived="Coordinator: agreed by telephone"))).plain
    assert "Left to stand, as agreed: 1." in told
    assert "telephone" not in told


def test_a_file_that_is_not_attached_says_how_to_mark_it() -> None:
    told = written(mission(finding("a")), attached="not_attached").plain
    assert "“a4p check FILE --cycle 5 --annotate MARKED.xlsx”" in told


def asked(identity: str, value: float, earlier: float | None = 10, **said: object) -> dict:
    message = f"{value:g} sessions, {earlier or 0:g} in the last cycle: is that right?"
    numbers = {"value": value, "earlier": earlier, "message": message, "message_fr": "Est-ce exact ?"}
    return finding(identity, rule="share_fits_its_count", severity="warning", **{**numbers, **said})


def test_a_question_is_put_as_one_and_is_no_point_to_mend() -> None:
    told = written(mission(asked("q", 58, row=4)))
    assert told.subject == "A4P+ cycle 5: your file was accepted in part – 1 question"
    lists = {block.heading: list(block.lines) for block in told.blocks if isinstance(block, Listed)}
    assert "To mend (1):" not in lists
    assert lists["Are these numbers right?"] == [
        "sheet SOFA-SOMA incidents, row 4, column Cause: 58 sessions, 10 in the last cycle: is that right?"
    ]
    assert "tell us in one sentence what explains it" in told.plain
    assert "mend the file" not in told.plain
    french = written(mission(asked("q", 58, row=4), finding("a", row=5), name="MINUSCA"))
    assert french.subject.endswith("1 point à corriger, 1 question")
    assert french.plain.count(f"colonne Cause{NBSP}: Le mot n'est pas admis.") == 2


def test_three_questions_a_mail_the_most_unusual_first() -> None:
    values = {"a": 20, "b": 1000, "c": 1, "d": 50, "e": 30}
    told = written(mission(*(asked(name, value, row=ord(name)) for name, value in values.items())))
    (lines,) = (block.lines for block in told.blocks if isinstance(block, Listed) and "right" in block.heading)
    assert [line.split(": ")[1].split()[0] for line in lines[:3]] == ["1000", "1", "50"]
    assert lines[3:] == ["2 more numbers are as unusual; please look at them too."]


def test_who_answered_or_corrected_what_was_asked_is_told_that_all_is_settled_and_is_not_asked_again() -> None:
    cycle = mission(asked("q", 58, row=4))
    assert cycle.tell() == ["received"]
    assert cycle.after(hours=1).due == []
    assert cycle.after(days=CONFIG.alerts.remind_after_days).kinds() == ["reminder"]
    answered = asked("q", 58, row=4, waived="Desk: a new centre") | of_mission("UNMISS")
    assert cycle.refresh(answered, files=cycle.submissions).kinds() == ["closed"]


def test_no_text_is_of_no_message() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in Path(alerts.__file__).parent.glob("*.py"))
    kinds = {f"subject_{kind}" for kind in get_args(Kind)}
    made = {"points_0", "points_1", "points_n", "outcome_accepted", "outcome_in_part", "outcome_refused"}
    made |= {"questions_1", "questions_n"}
    assert set(LETTERS) - kinds - made <= set(re.findall(r'"(\w+)"', code))


def test_every_text_has_its_gaps_filled() -> None:
    for key in LETTERS:
        values = dict.fromkeys(re.findall(r"{(\w+)}", LETTERS[key].en), "X")
        for language in ("en", "fr"):
            assert not set(text(key, language, **values)) & set("{}")
