"""What is kept between refreshes: nothing is worked out twice, and the result is that of working out everything."""

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import great_expectations.expectations as gxe
import openpyxl
import polars as pl
import pytest

from config import Config, Contract, Waiver, in_force, load
from config.parts import OfTables
from expectations import rule
from expectations.questions import QUESTIONS
from expectations.rows import row_rules
from expectations.rule import BUSINESS_RULES, Rule, Setting, on, rules_at_hand
from flows.core import code_version
from flows.core.records import Curated, Published, TableRules
from flows.core.steps import InTurn, Kind, Step, StepId, key
from flows.intake.gate import rules as gate_rules
from flows.refresh import clean, declared, reuse
from flows.refresh.story import refresh
from flows.stores import Store
from flows.stores.from_settings import Places
from tests.support.sweeping import SWEEP
from transforms import catalogue, p4_health

pytestmark = pytest.mark.slow

CONFIG = load()
CYCLE = CONFIG.cycle(5)
FEW = ("hospitals", "paet_visits", "crimes_against_peacekeepers", "mission_report")
MISSIONS = ("UNMISS", "UNIFIL", "MINURSO")
# so many changes a refresh
AT_ONCE = 2 if SWEEP else 6
TOLD_OF_HOSPITALS = "hospital_is_in_a_peacekeeping_operation"


class Told:
    """Steps run here; which they are is sample_inbox down."""

    def __init__(self) -> None:
        self.steps: list[StepId] = []

    def __call__(self, step: Step[Any], /) -> Any:
        self.steps.append(step.id)
        return step.run()

    def all(self, steps: Sequence[Step[Any]], /) -> list[Any]:
        return [self(step) for step in steps]

    @property
    def worked(self) -> set[str]:
        """The steps that are not of every refresh."""
        always = {Kind.PULL, Kind.PUBLISH, Kind.KEEP_COPY, Kind.TELL}
        return {step.name for step in self.steps if step.kind not in always}


@dataclass(frozen=True)
class Done:
    """A folder with an inbox of a few sources, and what two refreshes of it left; what the first one did."""

    folder: Path
    first: Published
    told: "Told"


@pytest.fixture(scope="module")
def done(sample_inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    folder = tmp_path_factory.mktemp("done")
    for path in sample_inbox.rglob("*.*"):
        inside = path.relative_to(sample_inbox)
        few = inside.parts[:1] == ("cycle-05",) and inside.parts[1] in FEW
        if few and (inside.parts[1] != "mission_report" or inside.parts[2] in MISSIONS[:2]):
            (folder / "inbox" / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, folder / "inbox" / inside)
    first, told = run(places_in(folder))
    run(places_in(folder))
    return Done(folder, first, told)


@pytest.fixture
def places(done: Done, tmp_path: Path) -> Places:
    """The same, for a test to go on with."""
    shutil.copytree(done.folder, tmp_path, dirs_exist_ok=True)
    return places_in(tmp_path)


def places_in(folder: Path) -> Places:
    return Places(*(Store(str(folder / name)) for name in ("inbox", "private", "public")))


def run(places: Places, config: Config = CONFIG, *, anew: bool = False, **more: Any) -> tuple[Published, Told]:
    told = Told()
    return refresh(CYCLE, replace(places, anew=anew), config, told, **more), told


def results(places: Places) -> dict[str, bytes]:
    """What is kept, by its key."""
    return {entry.path: places.private.read(entry.path) for entry in places.private.entries(reuse.FOLDER)}


def inbox(places: Places, source: str) -> list[Path]:
    local = places.inbox.local(f"cycle-05/{source}")
    assert local
    return sorted(path for path in Path(local).rglob("*.*") if path.is_file())


def change(file: Path, sheet: str) -> None:
    """Take the last row of a sheet away."""
    book = openpyxl.load_workbook(file)
    book[sheet].delete_rows(book[sheet].max_row)
    book.save(file)


def with_contract(config: Config, source: str, table: str, column: str, **changes: Any) -> Config:
    contract = config.contracts[source]
    old = contract.tables[table]
    columns = {**old.columns, column: old.columns[column].model_copy(update=changes)}
    tables = {**contract.tables, table: old.model_copy(update={"columns": columns})}
    return replace(config, contracts={**config.contracts, source: contract.model_copy(update={"tables": tables})})


def test_nothing_is_worked_out_twice(done, places):
    assert done.first.new
    all_of_it = {"read hospitals", "check the files", "check hospitals", "make the tables", "build the release"}
    assert all_of_it <= done.told.worked
    again, told = run(places)
    assert (again.new, told.worked) == (False, set())
    assert again.findings.equals(done.first.findings)
    assert again.submissions.equals(done.first.submissions)


@pytest.mark.usefixtures("no_documents")
def test_the_release_that_is_out_is_held_against_the_next_and_no_more(done, tmp_path):
    shutil.copytree(done.folder / "inbox", tmp_path / "inbox")
    # without the copies of releases: where they are, a public store without them is refused
    shutil.copytree(done.folder / "private", tmp_path / "private", ignore=shutil.ignore_patterns("releases"))
    again, told = run(places_in(tmp_path))
    # nothing is out in this public store, and all but the suppression of small cells is as it was
    assert again.new
    assert told.worked <= {"suppress small cells"}


@pytest.mark.usefixtures("no_documents")
def test_only_what_depends_on_a_changed_file_is_worked_out(places):
    (workbook,) = [path for path in inbox(places, "mission_report") if "UNIFIL" in path.parts]
    change(workbook, "Coordination mechanisms")
    _, told = run(places)
    checked = {name for name in told.worked if name.startswith("check ")} - {"check the files"}
    assert checked == {f"check {table}" for table in CONFIG.contracts["mission_report"].tables}
    assert {name for name in told.worked if name.startswith("read ")} == {"read mission_report"}


@pytest.mark.usefixtures("no_documents")
def test_only_what_depends_on_a_changed_rule_is_worked_out(places):
    changed = with_contract(CONFIG, "hospitals", "hospitals", "level", one_of=("1+", "2", "3", "4"))
    _, told = run(places, changed)
    # all rows pass as before, so no table is made again; what the release says of contracts is
    assert told.worked == {
        "check the definitions",
        "check the files",
        "check hospitals",
        "bring together what was found",
        "build the release",
        "check service_interruptions",
        # another release comes after the one that is out, and is held against it
        "suppress small cells",
    }


def test_what_is_lost_is_worked_out_again(places):
    for entry in places.private.entries("staged/hospitals"):
        places.private.delete(entry.path)
    again, told = run(places)
    assert (again.new, told.worked) == (False, {"check hospitals"})
    assert places.private.entries("staged/hospitals")


def test_what_is_damaged_is_worked_out_again(places):
    (staged,) = places.private.entries("staged/hospitals")
    whole = places.private.read(staged.path)
    places.private.write(staged.path, whole[:99] + bytes([whole[99] ^ 1]) + whole[100:])
    again, told = run(places)
    assert (again.new, told.worked) == (False, {"check hospitals"})
    assert places.private.read(staged.path) == whole


def test_a_damaged_result_is_worked_out_again(places):
    before = results(places)
    for path, whole in before.items():
        places.private.write(path, whole.replace(b"a", b"b", 1))
    again, _ = run(places)
    assert not again.new
    used = {path: data for path, data in results(places).items() if data != before[path].replace(b"a", b"b", 1)}
    assert used
    assert {path: before[path] for path in used} == used


def test_full_works_everything_out(done, places):
    full, told = run(places, anew=True)
    assert (full.new, told.worked) == (False, done.told.worked)


def changes(places: Places, sample_inbox: Path) -> list[Callable[[Config], Config]]:
    """What may happen between two refreshes: to the inbox, or to what people edit."""

    def edited(config: Config) -> Config:
        change(inbox(places, "crimes_against_peacekeepers")[0], "Crimes")
        return config

    def broken(config: Config) -> Config:
        newest = inbox(places, "paet_visits")[0].with_name("newer.csv")
        newest.write_bytes(b"a;b\n1;2\n")
        return config

    def gone(config: Config) -> Config:
        for path in inbox(places, "mission_report"):
            if "UNMISS" in path.parts:
                path.unlink()
        return config

    def back(config: Config) -> Config:
        for mission in MISSIONS:
            for path in (sample_inbox / "cycle-05" / "mission_report" / mission).iterdir():
                copy = Path(str(places.inbox.local(f"cycle-05/mission_report/{mission}/{path.name}")))
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
        return config

    def renamed(config: Config) -> Config:
        for path in inbox(places, "hospitals")[:1]:
            path.rename(path.with_name(f"again {path.name}"))
        return config

    def stricter(config: Config) -> Config:
        return with_contract(config, "hospitals", "hospitals", "level", one_of=("1+", "2"))

    def redefined(config: Config) -> Config:
        name = next(name for name, one in config.figures.items() if one.table == "hospitals" or "sofa" in name)
        figure = config.figures[name].model_copy(update={"decimals": 2, "unit": "things"})
        return replace(config, figures={**config.figures, name: figure})

    def known_otherwise(config: Config) -> Config:
        mission = config.missions["UNMISS"].model_copy(update={"aliases": ("UNMIS South",)})
        return replace(config, missions={**config.missions, "UNMISS": mission})

    def retold(config: Config) -> Config:
        said = config.messages.rules[TOLD_OF_HOSPITALS]
        remedy = said.remedy.model_copy(update={"en": "Take the hospital out of the list."})
        rules = {**config.messages.rules, TOLD_OF_HOSPITALS: said.model_copy(update={"remedy": remedy})}
        return replace(config, messages=config.messages.model_copy(update={"rules": rules}))

    def waived(config: Config) -> Config:
        waiver = Waiver(source="hospitals", rule="level_is_one_of_the_list", reason="Agreed.", owner="DHMOSH")
        waiver._place = f"config/waivers.yaml:{1 + len(config.waivers)}"
        return replace(config, waivers=(*config.waivers, waiver))

    def as_it_was(_: Config) -> Config:
        return CONFIG

    return [
        edited,
        broken,
        gone,
        back,
        renamed,
        stricter,
        redefined,
        known_otherwise,
        retold,
        waived,
        as_it_was,
    ]


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(8 if SWEEP else 1))
def test_the_result_is_that_of_working_everything_out(places, sample_inbox, seed):
    chance = random.Random(seed)
    config = CONFIG
    order = changes(places, sample_inbox)
    chance.shuffle(order)
    for first in range(0, len(order), AT_ONCE):
        changed = order[first : first + AT_ONCE]
        for one in changed:
            config = one(config)
        names = [one.__name__ for one in changed]
        run(places, config)
        before = results(places)
        full, _ = run(places, config, anew=True)
        assert not full.new, names
        after = results(places)
        assert {key: after[key] for key in before} == before, names


def test_a_key_holds_the_code_that_does_the_work_and_no_other(tmp_path, monkeypatch):
    """A changed transform, rule or reader changes the keys of what it makes, and of nothing else."""
    for room in ("config", "expectations", "flows", "transforms"):
        for path in (code_version.HERE / room).rglob("*.py"):
            copy = tmp_path / path.relative_to(code_version.HERE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    monkeypatch.setattr(code_version, "HERE", tmp_path)
    cached = (
        code_version.of,
        code_version.of_code,
        code_version._of_file,
        code_version._imported,
        code_version._file,
    )
    wanted = {
        "read": ("flows.intake.read.submissions",),
        "gate noticas": ("flows.intake.gate.gate", "expectations.sources.noticas"),
        "gate hospitals": ("flows.intake.gate.gate", "expectations.sources.hospitals"),
        "women": ("transforms.p3_women",),
        "safety": ("transforms.p4_safety",),
    }

    def codes() -> dict[str, str]:
        for one in cached:
            one.cache_clear()
        return {name: code_version.of_code(*modules) for name, modules in wanted.items()}

    def changed(file: str) -> set[str]:
        before = codes()
        path = tmp_path / file
        path.write_text(path.read_text() + "\n# changed\n")
        after = codes()
        return {name for name in wanted if before[name] != after[name]}

    try:
        assert changed("transforms/p3_women.py") == {"women"}
        assert changed("transforms/intervals.py") == set()
        assert changed("expectations/sources/noticas.py") == {"gate noticas"}
        assert changed("expectations/findings.py") == {"gate noticas", "gate hospitals"}
        assert changed("flows/intake/read/grids.py") == {"read"}
        assert changed("config/models.py") == set(wanted) - {"safety"}
    finally:
        monkeypatch.undo()
        for one in cached:
            one.cache_clear()


def listed(config: Config = CONFIG) -> dict[str, TableRules]:
    return declared.list_rules(config, CYCLE).run()


def test_what_the_rules_of_a_table_come_from_and_tell_is_listed():
    found = listed()
    for contract in CONFIG.contracts.values():
        for name in contract.tables:
            rules = row_rules(name, Setting(CONFIG, contract, CYCLE))
            # what is asked beside earlier cycles, too
            told = {rule.says for rule in rules} | QUESTIONS | {"corrected_by_config"}
            assert set(found[name].texts) == told, name
            assert set(found[name].modules) == {function.__module__ for function in rules_at_hand(name)}, name
    assert sum(len(one.modules) for one in found.values()) > 15


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """The rules that are registered, each table's to be added to until the test ends."""
    listed()
    monkeypatch.setattr(rule, "BUSINESS_RULES", {table: list(of) for table, of in BUSINESS_RULES.items()})
    monkeypatch.setattr(gate_rules, "BUSINESS_RULES", rule.BUSINESS_RULES)
    return rule.BUSINESS_RULES


def hospital_is_in_a_peacekeeping_operation(_: Setting) -> Rule:
    return Rule("", gxe.ExpectColumnValuesToNotBeInSet(column="_row", value_set=[2], severity="critical"), None)


@pytest.mark.usefixtures("no_documents")
def test_a_rule_that_somebody_registers_in_the_process_is_noticed(places, registered):
    def by_on() -> None:
        for table in ("hospitals", "paet_visits"):
            on(table)(hospital_is_in_a_peacekeeping_operation)

    def by_hand() -> None:
        registered["crimes"].append(hospital_is_in_a_peacekeeping_operation)

    tables: set[str] = set()
    for register, table in ((by_on, {"hospitals", "paet_visits"}), (by_hand, {"crimes"})):
        register()
        tables |= table
        made, told = run(places)
        # of such rules nobody knows when they are others, so they are always asked
        assert {f"check {name}" for name in tables} <= told.worked
        refused = made.findings.filter(pl.col("rule") == TOLD_OF_HOSPITALS, pl.col("severity") == "critical")
        assert set(refused["table"]) == tables
        full, _ = run(places, anew=True)
        assert not full.new


class Forbidden:
    """A configuration at which nobody may look."""

    def __getattribute__(self, name: str) -> Any:
        if name == "folder":
            # which modules take part is in the keys, with their code
            return None
        raise AssertionError(f"'{name}' of the configuration in force was looked at")


def test_a_step_looks_at_no_configuration_but_that_which_it_is_handed(places):
    ran: set[Kind] = set()

    def alone(step: Step[Any]) -> Any:
        if key(step) is None:
            return step.run()
        ran.add(step.kind)
        with in_force(cast("Config", Forbidden())):
            return step.run()

    def asked(step: Step[Any]) -> Any:
        kept = {*Kind} - {Kind.PULL, Kind.PUBLISH, Kind.KEEP_COPY, Kind.TELL}
        return alone(step) if step.kind in kept else step.run()

    refresh(CYCLE, replace(places, anew=True), CONFIG, InTurn(asked))
    assert ran == {*Kind} - {
        Kind.PULL,
        Kind.PUBLISH,
        Kind.KEEP_COPY,
        Kind.TELL,
        Kind.LIST_RULES,
        Kind.LIST_COLUMNS,
        Kind.MAKE_TABLE,
    }
    with in_force(cast("Config", Forbidden())):
        listed()


@pytest.mark.usefixtures("no_documents")
def test_a_changed_text_is_told_by_the_tables_that_tell_it_alone(places):
    said = CONFIG.messages.rules[TOLD_OF_HOSPITALS]
    rules = {**CONFIG.messages.rules, TOLD_OF_HOSPITALS: said.model_copy(update={"remedy": said.message})}
    _, told = run(places, replace(CONFIG, messages=CONFIG.messages.model_copy(update={"rules": rules})))
    assert {name for name in told.worked if name.startswith("check ")} == {"check the files", "check hospitals"}


def test_a_table_is_handed_what_it_asks_for_and_is_made_again_when_that_changes(monkeypatch):
    """One that reads a list of a contract knows the contracts; one that does not ask for them is not made again."""
    changed = with_contract(CONFIG, "hospitals", "hospitals", "level", one_of=("1+", "2"))
    renamed = replace(CONFIG, missions={**CONFIG.missions, "UNMISS": CONFIG.missions["UNMISS"].model_copy()})
    monkeypatch.setattr(p4_health, "hospital_levels", hospital_levels, raising=False)
    monkeypatch.setattr(hospital_levels, "__module__", p4_health.__name__)
    monkeypatch.setattr(whole_configuration, "__module__", p4_health.__name__)
    monkeypatch.setattr(p4_health, "whole_configuration", whole_configuration, raising=False)
    catalogue._tables.cache_clear()
    try:
        before, after, same = (
            {name: key(step) for name, step in declared.make_each([], config, CYCLE).items()}
            for config in (CONFIG, changed, renamed)
        )
        assert None not in before.values()
        assert {name for name in before if before[name] != after[name]} == {"hospital_levels", "whole_configuration"}
        assert same == before
        (levels,) = catalogue.table("hospital_levels", {}, changed, CYCLE).collect()["levels"]
        assert levels == "1+, 2"
        assert catalogue.needs("hospital_levels") == catalogue.needs("whole_configuration") == ()
    finally:
        monkeypatch.undo()
        catalogue._tables.cache_clear()


def test_a_table_that_says_its_cycle_is_made_for_each_of_them():
    keys = [
        {name: key(step) for name, step in declared.make_each([], CONFIG, CONFIG.cycle(number)).items()}
        for number in (4, 5)
    ]
    same = {name for name, one in keys[0].items() if keys[1][name] == one}
    assert "countries" in same
    assert {name for name in same if "cycle" in catalogue.entries()[name].fields} == {"cycles"}


def test_what_tables_say_of_themselves_is_in_the_keys_of_what_is_made_of_them(tmp_path):
    places = places_in(tmp_path)
    figured = Curated({}, "", {})
    modules = {module.__name__ for module in catalogue.MODULES}
    for step in (
        declared.make_figures({}, [], {}, {}, None, CONFIG, CYCLE, None, places),
        declared.suppress(figured, CONFIG, CYCLE, places, None),
    ):
        assert modules <= set(step.code or ()), step.name
        assert key(replace(step, code=())) != key(step)


def hospital_levels(config_contracts: dict[str, Contract]) -> pl.LazyFrame:
    levels = config_contracts["hospitals"].tables["hospitals"].columns["level"].one_of
    return pl.LazyFrame({"levels": [", ".join(levels or ())]})


def whole_configuration(config: OfTables) -> pl.LazyFrame:
    return pl.LazyFrame({"sources": [len(config.contracts)]})


def test_old_results_go_before_what_they_name(places):
    later = datetime.now(UTC) + timedelta(days=200)
    found = clean.disposable(places.public, places.private, CONFIG, 180, later)
    folders = [entry.path.partition("/")[0] for entry in found]
    assert folders[: folders.count(reuse.FOLDER)] == [reuse.FOLDER] * folders.count(reuse.FOLDER)
    # of results that are young nothing goes
    named = {path for said in results(places).values() for path in reuse.named(said)}
    soon = datetime.now(UTC) + timedelta(days=1, hours=-1)
    assert not {entry.path for entry in clean.disposable(places.public, places.private, CONFIG, 1, soon)} & named
    for entry in found:
        places.private.delete(entry.path)
    again, _ = run(places)
    assert not again.new
