from pathlib import Path

import pytest

from config import ConfigError, load
from config.figures import WINDOW
from config.loader import parse, read
from config.models import Contract
from config.places import Mission

CONTRACT = """\
source: things
title: {en: Things}
owner: Office
contact: [a@example.org]
classification: unclassified
sent_by: headquarters
due_days: 10
tables:
  things:
    one_row_is: a thing
    key: [thing_id]
    columns:
      thing_id: {type: text, required: true}
      amount: {type: count, unit: things}
"""


def contract(tmp_path: Path, text: str) -> Contract:
    path = tmp_path / "things.yaml"
    path.write_text(text)
    return parse(read(path), Contract)


def test_the_config_room_loads():
    config = load()
    operations = [mission for mission in config.missions.values() if mission.kind == "peacekeeping operation"]
    assert len(operations) == 81
    assert len(config.reporting_missions) == 11
    assert config.missions["UNIFIL"].aliases == ("UNFIL",)
    assert config.missions["UNAMA"].kind == "special political mission"
    assert {config.missions[code].agreement for code in config.reporting_missions} == {"SOFA", "SOMA", "none"}


def test_codes_stay_text():
    config = load()
    assert config.countries["AFG"].m49 == "004"
    assert config.countries["NOR"].name == "Norway"
    assert config.countries["NAM"].m49 == "516"


def test_cycles_follow_each_other():
    cycles = load().cycles
    assert (cycles[5].days, cycles[5].last_calendar_year, cycles[4].last_calendar_year) == (182, 2023, 2022)
    for number in sorted(cycles)[:-1]:
        assert (cycles[number + 1].start - cycles[number].end).days == 1


def test_a_good_contract_is_read(tmp_path):
    assert contract(tmp_path, CONTRACT).tables["things"].key == ("thing_id",)


@pytest.mark.parametrize(
    ("wrong", "right", "line", "says"),
    [
        ("{type: txt, required: true}", "{type: text, required: true}", 13, "allowed: 'text', 'count'"),
        ("classification: secret", "classification: unclassified", 5, "allowed: 'unclassified', 'confidential'"),
        (
            "    kee: [thing_id]",
            "    key: [thing_id]",
            11,
            "'tables.things.kee' is not known here; allowed: one_row_is",
        ),
        ("key: [id]", "key: [thing_id]", 9, "key names the column 'id'; allowed: thing_id, amount"),
        ("due_days: soon", "due_days: 10", 7, "valid integer"),
        ("owner: [", "owner: Office", 5, "not valid YAML"),
        (
            "{type: text, required: true, required_since: 2}",
            "{type: text, required: true}",
            1,
            "things.thing_id is asked for from version 2 of the template on",
        ),
        (
            "type: count, required_since: 2",
            "type: count",
            14,
            "required_since is allowed where 'required: true' stands too",
        ),
        ("source: things\nsource: other", "source: things", 2, "'source' stands here twice"),
    ],
)
def test_a_mistake_names_file_line_and_what_is_allowed(tmp_path, wrong, right, line, says):
    with pytest.raises(ConfigError) as error:
        contract(tmp_path, CONTRACT.replace(right, wrong))
    assert f"things.yaml:{line}: " in str(error.value)
    assert says in str(error.value)


def test_a_missing_entry_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"things.yaml:1: 'owner' is missing"):
        contract(tmp_path, CONTRACT.replace("owner: Office\n", ""))


def test_words_mean_a_number_or_a_status(tmp_path):
    text = CONTRACT.replace("unit: things}", "words: {None: 0, Later: X}}")
    with pytest.raises(ConfigError, match=r"things.yaml:14: .*'Later' means 'X'; allowed"):
        contract(tmp_path, text)


def test_windows():
    assert WINDOW.match("since 2017-01-01")
    assert not WINDOW.match("since 2017")


def test_models_do_not_change():
    mission = Mission(name="A")
    with pytest.raises(ValueError, match="frozen"):
        mission.name = "B"


def test_an_unknown_cycle_says_what_to_do():
    with pytest.raises(ConfigError, match=r"Cycle 99 is not in config/cycles.yaml"):
        load().cycle(99)
