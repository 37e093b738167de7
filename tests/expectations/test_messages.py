"""Every finding can be told in English and in French, and nothing in the catalogue stands there for nobody."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import great_expectations.expectations as gxe
import polars as pl
import pytest

import config as config_room
from config import Config, ConfigError, Table, load
from config.loader import parse, read
from config.messages import Phrase
from config.models import Classification, ColumnType, ObsStatus
from expectations import curated
from expectations.columns import SCHEMA
from expectations.contract import contract_rules
from expectations.files import file_rules, region_rules, table_rules
from expectations.findings import judge
from expectations.messages import (
    LANGUAGES,
    Both,
    catalogue,
    column_title,
    filled,
    forms_of,
    in_french,
    in_language,
    listed,
    number,
)
from expectations.plausible import questions_of_history, questions_of_the_row
from expectations.questions import KINDS, kind_of
from expectations.rule import Rule, Setting, business_rules, told
from expectations.sources import register_all
from expectations.statements import statement_rules
from flows.cli import commands
from flows.intake.read import grids, limits, open_document
from flows.intake.read.limits import Unreadable
from transforms.compared import as_compared

CONFIG = load()
MESSAGES = CONFIG.messages
ARTICLES = "le|la|les|de|du|des|au|aux|un|une|ce|cette|à"
NBSP, THIN = "\u00a0", "\u202f"
ROOMS = Path(config_room.HERE).parent
# a contract with a column of each kind that rules are made for, as a new source may bring it
EVERY_KIND = """\
one_row_is: anything
key: [name, day]
dated_by: day
within_cycle: true
refers_to: {parents: [name, code]}
states:
  - total_row: {column: name, says: TOTAL, of: [amount]}
  - total: {column: whole, parts: [amount, share]}
  - share: {column: share, part: amount, base: whole}
  - counted_share: {column: share, base: whole}
  - share: {column: share, part: amount, base: days_of_cycle}
  - period: {from: day, to: last_day}
columns:
  name: {type: text, required: true, one_of: [A, TOTAL], title: {en: Name of it, fr: Intitulé}}
  day: {type: date}
  last_day: {type: date}
  amount: {type: count, at_least: 0, at_most: 1.5, at_most_days_of_cycle: true, words: {None: 0, Later: V}}
  whole: {type: number, at_most: 10}
  share: {type: number}
  code: {type: m49, of: name}
  iso: {type: iso3, of: name}
  answered: {type: yes_no}
  mission: {type: mission}
  cycle: {type: cycle}
"""

register_all()


def rules_of(table: str, definition: Table, config: Config, cycle: int | None) -> list[Rule]:
    setting = Setting(config, next(iter(config.contracts.values())), config.cycle(cycle) if cycle else None)
    known = config.table_contract(table)[0] if any(table in one.tables for one in config.contracts.values()) else None
    setting = replace(setting, contract=known) if known else setting
    return [
        *contract_rules(definition, setting),
        *statement_rules(definition, setting),
        *questions_of_the_row(definition, setting),
        *questions_of_history(definition, setting),
        *business_rules(table, setting),
    ]


def every_kind(tmp_path: Path) -> Table:
    (tmp_path / "table.yaml").write_text(EVERY_KIND)
    return parse(read(tmp_path / "table.yaml"), Table)


def other_rules(cycle: int | None = 5) -> list[Rule]:
    """Rules that are of no source table."""
    return [
        *file_rules(cycle, MESSAGES),
        *table_rules(MESSAGES),
        *region_rules(MESSAGES),
        *curated.key_rules(MESSAGES),
        *curated.number_rules(MESSAGES),
        *curated.figure_rules(MESSAGES),
        *curated.statement_rules(MESSAGES),
        *curated.input_rules(MESSAGES),
        *curated.scope_rules(MESSAGES),
    ]


def all_rules(cycle: int | None = 5) -> list[Rule]:
    tables = [(name, table) for contract in CONFIG.contracts.values() for name, table in contract.tables.items()]
    return [*(rule for name, table in tables for rule in rules_of(name, table, CONFIG, cycle)), *other_rules(cycle)]


def words_of(room: str) -> set[str]:
    """Return every text that stands between quotation marks in a room's code."""
    return {
        node.value
        for path in sorted((ROOMS / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def texts_of(rule: Rule) -> tuple[str, ...]:
    return (rule.message, rule.remedy, rule.message_fr, rule.remedy_fr)


def french() -> Iterator[str]:
    """Every French text of the catalogue, and every one that a rule makes of it."""
    for texts in MESSAGES.rules.values():
        yield from (texts.message.fr, texts.remedy.fr)
    for section in (MESSAGES.phrases, MESSAGES.details, MESSAGES.labels, MESSAGES.forms, MESSAGES.letters):
        yield from (phrase.fr for phrase in section.values())
    for rule in all_rules():
        yield from (rule.message_fr, rule.remedy_fr)


# The catalogue and the rules


@pytest.mark.parametrize("cycle", [5, None])
def test_every_rule_is_told_in_both_languages(cycle: int | None) -> None:
    for rule in all_rules(cycle):
        assert all(texts_of(rule)), rule.name
        assert rule.message != rule.message_fr, rule.name
        assert rule.remedy != rule.remedy_fr, rule.name
        assert not any(sign in text for text in (rule.name, *texts_of(rule)) for sign in "{}"), rule.name


def test_no_text_is_of_no_rule(tmp_path) -> None:
    made = [*all_rules(), *rules_of("new", every_kind(tmp_path), CONFIG, 5)]
    # a finding that is no rule's verdict names its texts where it is made
    assert set(MESSAGES.rules) - {rule.says for rule in made} <= words_of("flows")


def test_no_phrase_or_label_is_used_nowhere() -> None:
    severities = {kind_of({"rule": rule.name, "severity": rule.severity}) for rule in all_rules()}
    assert set(MESSAGES.phrases) <= words_of("expectations")
    assert set(MESSAGES.labels) <= words_of("flows") | severities


def test_no_form_is_used_nowhere_and_none_is_missing() -> None:
    tables = [table for contract in CONFIG.contracts.values() for table in contract.tables.values()]
    needed = {
        *(f"page_{key}" for key in keys_of_the_page()),
        *(f"page_{verdict}" for verdict in ("accepted", "in_part", "refused")),
        *(f"a_{kind}" for kind in get_args(ColumnType)),
        *(classification.replace(" ", "_") for classification in get_args(Classification)),
        *(f"means_{status.lower()}" for status in get_args(ObsStatus)),
        *(f"unit_{column.unit}" for table in tables for column in table.columns_read.values() if column.unit),
        *(name for kind in KINDS for name in (kind, f"{kind}_means")),
    }
    assert needed <= set(MESSAGES.forms)
    assert set(MESSAGES.forms) <= needed | words_of("flows")


def keys_of_the_page() -> set[str]:
    """Return the keys of the texts that the check page shows, by its document and its script."""
    page = ROOMS / "flows" / "feedback" / "check_page"
    script, document = ((page / name).read_text(encoding="utf-8") for name in ("page.js", "page.html"))
    return {*re.findall(r'\bsaid\("(\w+)"', script), *re.findall(r'data-text="(\w+)"', document)}


def test_a_new_source_needs_no_entry(tmp_path) -> None:
    made = {rule.name: rule for rule in rules_of("new", every_kind(tmp_path), CONFIG, 5)}
    amount = made["amount_is_a_count"]
    assert amount.remedy == "Write a whole number in digits (twelve at most), or one of the words None, Later."
    assert (
        amount.remedy_fr
        == "Inscrivez un nombre entier en chiffres (douze au plus), ou l'une des mentions Néant, Later."
    )
    assert made["amount_is_in_range"].remedy == "“Amount” is at least 0 and at most 1.5."
    assert made["amount_is_in_range"].remedy_fr == (
        f"La valeur de la colonne «{NBSP}Amount{NBSP}» doit être supérieure ou égale à 0 et inférieure ou égale à 1,5."
    )
    assert made["row_is_listed_once"].message == (
        "A row with the same “Name of it” and “Day” stands above; this one is not counted again."
    )
    assert made["code_is_one_of_parents"].message_fr == (
        f"L'identifiant (Intitulé et Code) ne figure pas dans la liste «{NBSP}Parents{NBSP}»."
    )


def test_a_column_is_named_by_its_title_and_the_rule_by_its_own_name(tmp_path) -> None:
    made = {rule.name: rule for rule in rules_of("new", every_kind(tmp_path), CONFIG, 5)}
    given = made["name_is_given"]
    assert (given.column, given.message) == ("name", "“Name of it” is blank.")
    assert given.message_fr == f"La colonne «{NBSP}Intitulé{NBSP}» n'est pas renseignée."
    # in a condition on another column, too
    assert f"«{NBSP}Intitulé{NBSP}»" in made["code_is_of_the_name"].message_fr


def test_no_text_has_a_name_that_only_the_pipeline_knows() -> None:
    raw = {
        name for contract in CONFIG.contracts.values() for table in contract.tables.values() for name in table.columns
    }
    raw |= {name for contract in CONFIG.contracts.values() for name in contract.tables}
    raw = {name for name in raw if "_" in name}
    assert {"training_days", "political_strategy"} <= raw
    told_so = [(rule.name, text) for rule in all_rules() for text in texts_of(rule)]
    assert [one for one in told_so if raw & set(re.findall(r"\w+", one[1]))] == []


def test_every_value_of_a_missions_table_is_written_in_french() -> None:
    tables = [
        table
        for contract in CONFIG.contracts.values()
        if contract.sent_by == "missions"
        for table in contract.tables.values()
    ]
    values = {
        value
        for table in tables
        for column in table.columns.values()
        for value in (*(column.one_of or ()), *(column.words or ()))
    }
    assert {"Medium", "Under Validation", "None"} <= values
    assert {value for value in values if MESSAGES.value(value, "fr") == value} == {"-----"}
    assert MESSAGES.value("Medium", "en") == "Medium"
    allowed = {
        rule.name: rule for rule in rules_of("coordination", CONFIG.table_contract("coordination")[1], CONFIG, 5)
    }
    assert "Moyen" in allowed["contribution_is_one_of_the_list"].remedy_fr
    assert "Medium" in allowed["contribution_is_one_of_the_list"].remedy


def test_no_two_values_of_a_list_are_written_alike_in_french() -> None:
    for contract in CONFIG.contracts.values():
        for table in contract.tables.values():
            for column in table.columns.values():
                for values in (column.one_of or (), column.words or ()):
                    spelt = [as_compared(one) for value in values for one in (value, *MESSAGES.values.get(value, ()))]
                    assert len(spelt) == len(set(spelt)), spelt


def test_a_business_rule_finds_its_texts_by_its_name() -> None:
    contract, _ = CONFIG.table_contract("cpas_impact_assessment")
    (rule,) = business_rules("cpas_impact_assessment", Setting(CONFIG, contract, CONFIG.cycle(5)))
    assert (rule.name, rule.says) == ("assessment_was_in_the_cycle", "assessment_was_in_the_cycle")
    assert rule.message == "The assessment is dated outside cycle 5."
    assert rule.message_fr == "La date de l'évaluation est en dehors du cycle 5."


def test_a_rule_without_texts_says_what_to_add() -> None:
    rule = Rule("moon_is_full", gxe.ExpectColumnValuesToNotBeNull(column="moon"), "moon")
    with pytest.raises(ConfigError, match=r"config/messages.yaml: rules: there is no 'moon_is_full'; add its message"):
        told([rule], MESSAGES)


def test_a_gap_that_nothing_fills_is_named() -> None:
    with pytest.raises(ConfigError, match=r"moon_is_full has the gap 'phase'; allowed: column, day"):
        filled(Phrase(en="{phase}", fr="{phase}"), {"day": 1, "column": "moon"}, "moon_is_full")


# Mistakes in the file


@pytest.mark.parametrize(
    ("message", "says"),
    [
        (
            "{en: 'It is {a}.', fr: 'Elle est {b}.'}",
            "the English text has the gaps a, the French one b; give both the same",
        ),
        ("{en: It is not.}", "'rules.moon_is_full.message.fr' is missing"),
        ("{en: 'It is {.', fr: 'Elle est {.'}", "'rules.moon_is_full.message': "),
        ("{en: No., fr: Non., de: Nein.}", "'rules.moon_is_full.message.de' is not known here; allowed: en, fr"),
        ("{fr: Non.}", "'rules.moon_is_full.message.en' is missing"),
    ],
)
def test_a_mistake_names_file_and_line(message: str, says: str, tmp_path) -> None:
    folder = tmp_path / "config"
    shutil.copytree(config_room.HERE, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    file = folder / "messages.yaml"
    begin, rest = file.read_text(encoding="utf-8").split("\nrules:\n")
    entry = f"  moon_is_full:\n    message: {message}\n    remedy: {{en: Wait., fr: Attendez.}}\n"
    file.write_text(f"{begin}\nrules:\n{entry}{rest}", encoding="utf-8")
    line = begin.count("\n") + len(["", "rules", "moon_is_full", "message"])
    with pytest.raises(ConfigError) as error:
        load(folder)
    assert f"messages.yaml:{line}: " in str(error.value)
    assert says in str(error.value)


# French


def test_french_punctuation_does_not_stand_alone() -> None:
    for text in french():
        assert not re.search(r" [:;?!%»]|« ", text), text
        assert not re.search(r"[^\s\u00a0][;?!»]", text), text
        assert text.count("«") == text.count("»"), text
        assert not re.search(r"\s{2}|['’] | ['’]|\bl'(?=[bcdfgjklmnpqrstvwxz])|\.\.", text), text
        # curly and straight apostrophes are not mixed, and English quotation marks are not used
        assert not set(text) & set('"“”‘’'), text


def test_ordinary_spaces_become_no_break_ones() -> None:
    phrase = Phrase(en="a", fr="« Oui » : 100 % ; vraiment ? Oui !")
    assert phrase.fr == (f"«{NBSP}Oui{NBSP}»{NBSP}: 100{NBSP}%{NBSP}; vraiment{NBSP}? Oui{NBSP}!")


def test_no_elision_or_contraction_meets_a_gap() -> None:
    """What fills a gap may begin with a vowel or be of any gender, so no article may touch it."""
    for texts in MESSAGES.rules.values():
        for text in (texts.message.fr, texts.remedy.fr):
            # a code and a day are known to be masculine
            assert not re.search(rf"(?:'|\b(?:{ARTICLES}) )\{{(?!code|start|end|until)", text, re.IGNORECASE), text


def test_lists_and_numbers() -> None:
    assert listed(["a"]) == Both("a", "a")
    assert listed(["a", "b"]) == Both("a and b", "a et b")
    assert listed(["a", "b", Both("c", "ç")]) == Both("a, b and c", "a, b et ç")
    assert number(1234.5) == Both("1234.5", "1234,5")
    assert filled(Phrase(en="{day}", fr="{day}"), {"day": date(2024, 4, 30)}) == Both("2024-04-30", "2024-04-30")


# Findings


def frame(count: int, **details: str) -> pl.LazyFrame:
    return pl.LazyFrame(
        {"_file": ["f"] * count, "_sheet": ["S"] * count, "_row": range(2, count + 2), "cell": ["bad"] * count},
        schema={"_file": pl.String, "_sheet": pl.String, "_row": pl.UInt32, "cell": pl.String},
    ).with_columns(mission=pl.lit(None, pl.String), **{name: pl.lit(text) for name, text in details.items()})


def rule(severity: str, message: str = "La cellule est fautive.", **more: str) -> Rule:
    expectation = gxe.ExpectColumnValuesToBeInSet(column="cell", value_set=["good"], severity=severity)
    told = {"message": "The cell is bad.", "remedy": "Write good.", "remedy_fr": "Écrivez « good »."}
    return Rule("cell_is_good", expectation, "cell", **told, message_fr=message, **more)


def test_findings_hold_both_languages() -> None:
    (finding,) = judge(frame(1), [rule("critical")], MESSAGES, source="s", table="t").findings.iter_rows(named=True)
    assert (finding["message"], finding["remedy"]) == ("The cell is bad.", "Write good.")
    assert (finding["message_fr"], finding["remedy_fr"]) == ("La cellule est fautive.", "Écrivez « good ».")


@pytest.mark.parametrize(
    ("severity", "said"),
    [
        ("info", f" Lignes concernées{NBSP}: 12{NBSP}; seule la première est indiquée ici."),
        ("warning", f" Toutes les lignes sont concernées{NBSP}: 12{NBSP}; seule la première est indiquée ici."),
    ],
)
def test_how_many_rows_is_told_in_french(severity: str, said: str) -> None:
    findings = judge(frame(12), [rule(severity)], MESSAGES, source="s", table="t").findings
    assert findings["message_fr"].to_list() == [f"La cellule est fautive.{said}"]


@pytest.mark.parametrize(
    ("message", "detail", "said"),
    [
        ("Le fichier est endommagé.", "line 4711", f"Le fichier est endommagé{NBSP}: ligne 4711."),
        (f"Colonnes manquantes{NBSP}:", "a, b", f"Colonnes manquantes{NBSP}: a, b."),
    ],
)
def test_what_completes_a_message_is_told_in_french(message: str, detail: str, said: str) -> None:
    findings = judge(
        frame(1, where=detail), [rule("critical", message, detail="where")], MESSAGES, source="s", table="t"
    ).findings
    assert findings["message_fr"].to_list() == [said]


@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("line 12", "ligne 12"),
        ("holds an xlsx file", "c'est un fichier xlsx"),
        ("holds a csv file", "c'est un fichier csv"),
        ("200 instead of 14", "200 au lieu de 14"),
        (
            "the source states 1,250, its rows give 12.5",
            f"la source indique 1{THIN}250, ses lignes donnent 12,5",
        ),
        (
            "the source states 1,250, its rows give 1,300; 1,250 is the previous cycle's value",
            f"la source indique 1{THIN}250, ses lignes donnent 1{THIN}300{NBSP}; 1{THIN}250 est la valeur du cycle "
            "précédent",
        ),
        ("UNMISS", "UNMISS"),
        ("2024-04-30", "2024-04-30"),
        ("mission, cycle", "mission, cycle"),
    ],
)
def test_details(english: str, said: str) -> None:
    assert in_french(english, MESSAGES) == said


def test_every_detail_that_the_code_writes_is_known_in_french() -> None:
    """What grids say of a place, found by reading their code: each text with a gap has its French."""
    source = "".join(
        Path(module.__file__ or "").read_text(encoding="utf-8") for module in (grids, limits, open_document)
    )
    assert source.count("raise Unreadable(") > 10
    for _, where in re.findall(r'raise Unreadable\((\w+|"\w+"), f?"(.*)"\)', source):
        english = re.sub(r"\{'an' if .*? else 'a'\}", "an", where)
        english = re.sub(r"\{[^}]*\}", "7", english)
        assert in_french(english, MESSAGES) != english, where
    with pytest.raises(Unreadable) as unreadable:
        grids.grids(b"a,b\n1,2\n", "f.xlsx")
    assert in_french(unreadable.value.where, MESSAGES) == "c'est un fichier csv"


def test_details_are_those_of_the_configuration_that_is_handed_in() -> None:
    said = MESSAGES.details | {"line": Phrase(en="line {number}", fr="rang {number}")}
    assert in_french("line 12", MESSAGES) == "ligne 12"
    assert in_french("line 12", MESSAGES.model_copy(update={"details": said})) == "rang 12"


def test_findings_in_one_language() -> None:
    findings = judge(frame(2), [rule("critical")], MESSAGES, source="s", table="t").findings
    english, in_fr = in_language(findings, "en"), in_language(findings, "fr")
    assert english.columns == in_fr.columns == [name for name in SCHEMA if not name.endswith("_fr")]
    assert set(english["message"]) == {"The cell is bad."}
    assert set(in_fr["message"]) == {"La cellule est fautive."}
    assert set(in_fr["remedy"]) == {"Écrivez « good »."}
    untold = findings.with_columns(message_fr=pl.lit(None, pl.String))
    assert set(in_language(untold, "fr")["message"]) == {"The cell is bad."}


def test_a_column_has_the_header_of_its_table_and_without_a_table_its_name() -> None:
    contract = CONFIG.contracts["mission_report"]
    finding = {"table": "conduct_training", "column": "training_days"}
    said = [column_title(finding, contract, language) for language in LANGUAGES]
    assert said == ["Training days", "Jours de formation"]
    assert column_title({**finding, "table": None}, contract, "fr") == "Training days"
    assert column_title(finding, None, "fr") == "Training days"
    assert column_title({**finding, "column": None}, contract, "en") == ""


def test_texts_of_one_kind_are_those_whose_keys_begin_so() -> None:
    texts = forms_of("page_", "fr")
    assert set(texts) == {key.removeprefix("page_") for key in MESSAGES.forms if key.startswith("page_")} != set()
    assert all(text == MESSAGES.forms[f"page_{key}"].text("fr") for key, text in texts.items())


# As a mission sees it


@pytest.fixture
def check(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f.csv").write_text(
        "casualty_id,mission,incident_date,cause\nA,UNIFIL,soon,Illness\n,UNIFIL,2024-01-15,?\n"
    )

    def check(*arguments: str) -> tuple[int, str]:
        code = 0
        try:
            commands.main(["check", "f.csv", "--source", "noticas", *arguments])
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, capsys.readouterr().out

    return check


def test_a_check_in_french(check) -> None:
    code, out = check("--language", "fr")
    assert code == 1
    lines = out.splitlines()
    assert lines[0] == (
        f"f.csv (Avis de pertes){NBSP}: ce fichier serait refusé, en tout ou en partie{NBSP}; "
        f"lignes acceptées{NBSP}: 0 sur 2."
    )
    assert lines[1].split() == ["Gravité", "Emplacement", "Constatation", "Que", "faire"]
    assert "à corriger" in out
    assert "ligne 2, colonne Incident date" in out
    assert f"La valeur de la colonne «{NBSP}Incident date{NBSP}» n'est pas une date." in out
    assert not re.search(r"\b(row|column|critical|blank|Write|would)\b", out)


def test_a_check_is_in_english_where_nothing_is_said(check) -> None:
    code, out = check()
    assert (code, out) == check("--language", "en")
    assert out.startswith("f.csv (Notifications of casualties): would be refused, in whole or in part; 0 of 2")
    assert "row 2, column Incident date" in out
    assert "“Incident date” is not a date." in out


def test_a_check_for_machines_holds_both(check) -> None:
    _, out = check("--json")
    assert '"message": "“Incident date” is not a date."' in out
    assert '"column": "incident_date"' in out
    assert f'"message_fr": "La valeur de la colonne «{NBSP}Incident date{NBSP}» n\'est pas une date."' in out


def test_the_catalogue_is_that_of_the_configuration() -> None:
    assert catalogue() is MESSAGES
