from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path

import openpyxl
import polars as pl
import pytest

import sample
from config import ConfigError, load, normalised_header

pytestmark = pytest.mark.slow

KNOWN = load()
MISSION_TABLES = list(KNOWN.contract("mission_report").tables)
COVER, PLAN, ASSESSMENT, TRAININGS = "cover", "mission_plan", "cpas_impact_assessment", "conduct_training"
INCIDENTS, MECHANISMS = "sofa_soma", "coordination"
SEVERAL_ROWS = {TRAININGS, MECHANISMS, "mental_health_support"}
# the sources that list single records, which a scale multiplies
SCALED = (
    "noticas",
    "uniformed_personnel",
    "conduct_allegations",
    "military_unit_evaluations",
    "fpu_evaluations",
)


@pytest.fixture(scope="module")
def inbox(sample_inbox) -> Path:
    return sample_inbox


@pytest.fixture(scope="module")
def inbox_of_three(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("inbox")
    sample.write(folder, scale=3)
    return folder


def the_file(inbox: Path, cycle: int, *where: str) -> Path:
    (path,) = inbox.joinpath(f"cycle-{cycle:02d}", *where).iterdir()
    return path


def csv_table(inbox: Path, cycle: int, source: str) -> pl.DataFrame:
    return pl.read_csv(the_file(inbox, cycle, source), infer_schema=False)


# a workbook of eleven sheets is read once for all of them
opened = lru_cache(maxsize=2)(openpyxl.load_workbook)


def sheet_rows(path: Path, sheet: str | int = 0) -> list[dict[str, object]]:
    book = opened(path)
    page = book.worksheets[sheet] if isinstance(sheet, int) else book[sheet]
    rows = list(page.values)
    if rows[0][1] is None:  # a title
        rows = rows[1:]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


@cache
def source_tables(inbox: Path, cycle: int) -> dict[str, list[dict[str, object]]]:
    """Return the rows of each headquarters table, with the contract's column names."""
    tables = {}
    for name, contract in KNOWN.contracts.items():
        if contract.sent_by == "missions":
            continue
        for place, (table, definition) in enumerate(contract.tables.items()):
            path = the_file(inbox, cycle, name)
            rows = csv_table(inbox, cycle, name).to_dicts() if path.suffix == ".csv" else sheet_rows(path, place)
            tables[table] = [as_contracted(row, definition) for row in rows]
    return tables


def as_contracted(row: dict[str, object], definition) -> dict[str, object]:
    names = {
        normalised_header(spelling): name
        for name, column in definition.columns.items()
        for spelling in (name, *column.spellings)
    }
    unknown = [header for header in row if normalised_header(header) not in names]
    assert not unknown
    found = {names[normalised_header(header)]: cell for header, cell in row.items()}
    for name, column in definition.columns.items():
        if column.type == "date" and found.get(name):
            cell = found[name]
            found[name] = cell.date() if isinstance(cell, datetime) else date.fromisoformat(str(cell))
    return found


@cache
def mission_tables(inbox: Path, cycle: int, mission: str) -> dict[str, list[dict[str, object]]]:
    path = the_file(inbox, cycle, "mission_report", mission)
    definitions = KNOWN.contract("mission_report").tables
    sheets = opened(path).sheetnames
    for sheet, name in zip(sheets, MISSION_TABLES, strict=True):
        assert sheet in definitions[name].sheet
    return {
        name: [as_contracted(row, definitions[name]) for row in sheet_rows(path, place)]
        for place, name in enumerate(MISSION_TABLES)
    }


# The same order gives the same files


def test_same_seed_gives_same_bytes_and_times(tmp_path):
    first = sample.write(tmp_path / "a")
    second = sample.write(tmp_path / "b")
    assert [path.relative_to(tmp_path / "a") for path in first] == [path.relative_to(tmp_path / "b") for path in second]
    for one, other in zip(first, second, strict=True):
        assert sha256(one.read_bytes()).digest() == sha256(other.read_bytes()).digest(), one
        assert one.stat().st_mtime == other.stat().st_mtime


def test_another_seed_gives_other_rows_and_the_same_sums(inbox, tmp_path):
    sample.write(tmp_path, seed=1)
    other = csv_table(tmp_path, 5, "noticas")
    assert not other.equals(csv_table(inbox, 5, "noticas"))
    assert in_scope(other).height == 726


def test_a_cycle_is_the_same_whichever_cycle_was_asked_for(inbox, tmp_path):
    files = sample.write(tmp_path, 4)
    assert {path.parts[-3] for path in files if "mission_report" not in path.parts} == {"cycle-04"}
    for path in files:
        assert path.read_bytes() == (inbox / path.relative_to(tmp_path)).read_bytes(), path


def test_every_source_of_both_cycles_is_there(inbox):
    for cycle in (4, 5):
        folder = inbox / f"cycle-{cycle:02d}"
        assert {path.name for path in folder.iterdir()} == set(KNOWN.contracts)
        assert {path.name for path in (folder / "mission_report").iterdir()} == set(KNOWN.reporting_missions)


def test_returns_the_files_written(tmp_path):
    files = sample.write(tmp_path)
    assert sorted(files) == sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert len(files) == 2 * (14 + 11)


@pytest.mark.parametrize("cycle", [4, 5])
def test_files_come_in_after_the_cycle_and_in_time(inbox, cycle):
    for name, contract in KNOWN.contracts.items():
        for path in (inbox / f"cycle-{cycle:02d}" / name).rglob("*"):
            received = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if path.is_dir():
                continue
            if name == "noticas":
                updated = {4: datetime(2023, 11, 28, 6, tzinfo=UTC), 5: datetime(2024, 9, 3, 6, tzinfo=UTC)}
                assert received == updated[cycle]
            else:
                assert KNOWN.cycle(cycle).end < received.date() <= contract.due(KNOWN.cycle(cycle)), path


def test_nothing_is_dated_after_its_receipt(inbox):
    for cycle in (4, 5):
        for table, rows in source_tables(inbox, cycle).items():
            path = the_file(inbox, cycle, KNOWN.table_contract(table)[0].source)
            received = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
            assert all(cell <= received for row in rows for cell in row.values() if isinstance(cell, date)), table
        for mission in KNOWN.reporting_missions:
            path = the_file(inbox, cycle, "mission_report", mission)
            received = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
            (cover,) = mission_tables(inbox, cycle, mission)[COVER]
            assert KNOWN.cycle(cycle).end < cover["completed_on"] <= received


def test_refuses_what_it_cannot_write(tmp_path):
    with pytest.raises(ConfigError, match="99"):
        sample.write(tmp_path, 99)
    with pytest.raises(ValueError, match="1 or more"):
        sample.write(tmp_path, scale=0)


def test_cycles_to_come_are_written_too(tmp_path):
    sample.write(tmp_path, 7)
    for cycle in (6, 7):
        check_contracts(tmp_path, cycle)
    earlier, later = (csv_table(tmp_path, cycle, "noticas").drop("last_update") for cycle in (6, 7))
    assert later.height > earlier.height
    assert later.head(earlier.height).equals(earlier)


# A clean sample trips no rule


@pytest.mark.parametrize("cycle", [4, 5])
def test_the_headquarters_files_keep_their_contracts(inbox, cycle):
    check_contracts(inbox, cycle)


def test_a_larger_sample_keeps_its_contracts(inbox_of_three):
    check_contracts(inbox_of_three, 5)


def check_contracts(inbox: Path, cycle: int) -> None:
    period = KNOWN.cycle(cycle)
    tables = source_tables(inbox, cycle)
    for table, rows in tables.items():
        definition = KNOWN.table_contract(table)[1]
        assert rows, table
        assert max(Counter(tuple(row[name] for name in definition.key) for row in rows).values()) == 1, table
        for name, column in definition.columns.items():
            if name not in rows[0]:
                assert column.personal, name
                continue
            cells = [row[name] for row in rows if row[name] not in ("", None)]
            assert len(cells) == len(rows) or not column.required, name
            assert all(cell == cell.strip() for cell in cells if isinstance(cell, str)), name
            if column.one_of:
                assert set(cells) <= set(column.one_of), name
            if column.type == "mission":
                assert set(cells) <= set(KNOWN.missions), name
            if column.type == "count":
                assert all(int(cell) >= 0 for cell in cells), name
        if definition.within_cycle:
            assert all(period.start <= row[definition.dated_by] <= period.end for row in rows), table
        for target, columns in definition.refers_to.items():
            known = {tuple(row[name] for name in columns) for row in tables[target]}
            assert {tuple(row[name] for name in columns) for row in rows} <= known
    check_codes(tables)
    check_lives(tables)


def check_codes(tables) -> None:
    for table, country in (("noticas", "nationality"), ("uniformed_personnel", "contributing_country")):
        for row in tables[table]:
            known = KNOWN.countries[row["iso_alpha3"]]
            assert (row["m49_code"], row[country]) == (known.m49, known.name)


def check_lives(tables) -> None:
    def within(mission, day):
        life = KNOWN.missions[mission]
        return (life.start or day) <= day <= (life.end or day)

    assert all(within(row["mission"], row["incident_date"]) for row in tables["noticas"])
    assert all(within(row["mission"], row["last_reporting_date"]) for row in tables["uniformed_personnel"])
    for row in tables["conduct_allegations"]:
        first, last = row["incident_from"], row["incident_to"]
        if first is None:
            assert last is None
        else:
            assert first <= (last or first) <= row["date_reported"]
            assert within(row["mission"], first)
            assert within(row["mission"], last or first)


@pytest.mark.parametrize("source", ["noticas", "uniformed_personnel"])
def test_csv_files_are_utf8_with_iso_dates_and_three_digit_codes(inbox, source):
    path = the_file(inbox, 5, source)
    assert not path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {len(row["m49_code"]) for row in rows} == {3}
    assert any(row["m49_code"].startswith("0") for row in rows)


# NOTICAS


def in_scope(casualties: pl.DataFrame) -> pl.DataFrame:
    peacekeeping = [code for code, mission in KNOWN.missions.items() if mission.kind == "peacekeeping operation"]
    return casualties.filter(
        pl.col("incident_date") >= "2017-01-01",
        pl.col("mission_acronym").is_in(peacekeeping),
    )


def test_noticas_has_the_hub_s_columns(inbox):
    assert csv_table(inbox, 5, "noticas").columns == [
        "id",
        "incident_date",
        "casualty_id",
        "mission_acronym",
        "type_of_casualty",
        "gender",
        "casualty_nationality",
        "casualty_personnel_type",
        "type_of_incident",
        "m49_code",
        "isocode3",
        "last_update",
    ]


def test_deaths_by_cause_are_the_published_ones(inbox):
    deaths = in_scope(csv_table(inbox, 5, "noticas"))
    assert Counter(deaths["type_of_incident"]) == {
        "Malicious Act": 196,
        "Illness": 399,
        "Accident": 100,
        "To Be Determined": 20,
        "Unknown": 6,
        "Self-Inflicted": 5,
    }
    assert (round(100 * 399 / deaths.height), round(100 * 196 / deaths.height)) == (55, 27)


def test_malicious_deaths_by_year_and_mission_are_the_published_ones(inbox):
    malicious = in_scope(csv_table(inbox, 5, "noticas")).filter(type_of_incident="Malicious Act")
    years = Counter(malicious["incident_date"].str.slice(0, 4))
    assert [years[str(year)] for year in range(2017, 2025)] == [59, 27, 25, 13, 25, 32, 7, 8]
    to_2023 = malicious.filter(pl.col("incident_date") < "2024-01-01")
    assert Counter(to_2023["mission_acronym"]) == {
        "MINUSMA": 103,
        "MONUSCO": 43,
        "MINUSCA": 38,
        "UNAMID": 1,
        "UNMISS": 1,
        "UNISFA": 1,
        "UNIFIL": 1,
    }
    in_2024 = malicious.filter(pl.col("incident_date") >= "2024-01-01")
    assert set(in_2024["mission_acronym"]) == {"MINUSCA", "MONUSCO", "UNIFIL"}


def test_noticas_holds_earlier_deaths_and_those_out_of_scope(inbox):
    casualties = csv_table(inbox, 5, "noticas")
    assert casualties.filter(pl.col("incident_date") < "2017-01-01").height == 600
    kinds = Counter(KNOWN.missions[mission].kind for mission in casualties["mission_acronym"])
    assert kinds["special political mission"] == 30


def test_casualty_ids_are_of_the_month_of_registration(inbox):
    for mission, incident, casualty, updated in (
        csv_table(inbox, 5, "noticas")
        .select("mission_acronym", "incident_date", "casualty_id", "last_update")
        .iter_rows()
    ):
        head, year, month, serial = casualty.rsplit("-", 3)
        months = (int(year) - int(incident[:4])) * 12 + int(month) - int(incident[5:7])
        assert head == mission
        assert 0 <= months <= 3
        assert f"{year}-{month}" <= updated[:7]
        assert len(serial) == 5


def test_cycle_5_extends_the_casualties_of_cycle_4(inbox):
    before, after = csv_table(inbox, 4, "noticas"), csv_table(inbox, 5, "noticas")
    assert set(before["last_update"]) == {"2023-11-28"}
    assert set(after["last_update"]) == {"2024-09-03"}
    assert before["incident_date"].max() <= "2023-11-20"
    assert after.head(before.height).drop("last_update").equals(before.drop("last_update"))
    assert in_scope(before).filter(type_of_incident="Malicious Act").height == 188


# Uniformed personnel


@pytest.mark.parametrize(
    ("cycle", "months"),
    [
        (4, ["2023-05-31", "2023-06-30", "2023-07-31", "2023-08-31", "2023-09-30", "2023-10-31"]),
        (5, ["2023-11-30", "2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]),
    ],
)
def test_uniformed_personnel_and_women_are_as_many_as_they_were(inbox, cycle, months):
    people = csv_table(inbox, cycle, "uniformed_personnel").with_columns(
        women=pl.col("female_personnel").cast(int),
        people=pl.col("female_personnel").cast(int) + pl.col("male_personnel").cast(int),
    )
    assert sorted(set(people["last_reporting_date"])) == months
    assert set(people["mission_acronym"]) == set(KNOWN.reporting_missions)
    assert people["isocode3"].n_unique() >= 55
    for _, month in people.group_by("last_reporting_date"):
        assert 64_000 <= month["people"].sum() <= 66_000
        observers = month["personnel_type"].replace({"Experts on Mission": "Observers", "Staff Officers": "Observers"})
        shares = {
            kind: 100 * women / total
            for kind, women, total in month.group_by(observers.alias("kind"))
            .agg(pl.col("women").sum(), pl.col("people").sum())
            .iter_rows()
        }
        assert 7 <= shares["Troops"] <= 8
        assert 15 <= shares["Formed Police Units"] <= 16
        assert 29 <= shares["Individual Police"] <= 31
        assert 24 <= shares["Observers"] <= 26


# Conduct


def test_allegations_by_year_are_the_published_ones(inbox):
    rows = source_tables(inbox, 5)["conduct_allegations"]
    sea = Counter(row["date_reported"].year for row in rows if row["category"] == "SEA")
    assert [sea[year] for year in range(2010, 2025)] == [85, 74, 60, 66, 52, 69, 104, 62, 55, 80, 66, 75, 79, 98, 41]
    other = Counter(row["date_reported"].year for row in rows if row["category"] != "SEA")
    assert other[2023] == 364
    assert other[2024] == 150
    assert all(200 <= other[year] <= 420 for year in range(2010, 2024))
    minusca = Counter(
        row["date_reported"].year for row in rows if (row["mission"], row["category"]) == ("MINUSCA", "SEA")
    )
    assert (minusca[2016], minusca[2017]) == (52, 19)
    assert {KNOWN.missions[row["mission"]].kind for row in rows} == {"peacekeeping operation"}


def test_cycle_4_s_allegations_are_the_first_of_cycle_5_s(inbox):
    before, after = (source_tables(inbox, cycle)["conduct_allegations"] for cycle in (4, 5))
    assert after[: len(before)] == before
    assert before[-1]["date_reported"] <= date(2023, 11, 30)
    assert after[-1]["date_reported"] <= date(2024, 5, 31)


def test_incidents_are_of_every_kind(inbox):
    rows = source_tables(inbox, 5)["conduct_allegations"]
    reported = [(row["date_reported"], row["incident_from"], row["incident_to"]) for row in rows]
    assert any(first is None for _, first, _ in reported)
    assert any(first and last for _, first, last in reported)
    assert any(first and first.year == day.year - 1 for day, first, _ in reported)
    assert any(first and first.year < day.year - 1 for day, first, _ in reported)


def test_dates_are_date_cells_and_names_are_placeholders(inbox):
    rows = sheet_rows(the_file(inbox, 5, "conduct_allegations"), "Allegations")
    assert all(isinstance(row["Date reported"], datetime) for row in rows)
    assert all(str(row["Subject name"]).startswith("Subject ") for row in rows)
    assert {str(row["Victim name"])[:7] for row in rows} == {"Victim ", "None"}


# Evaluations


@pytest.mark.parametrize("cycle", [4, 5])
def test_formed_police_units_are_evaluated_each_quarter(inbox, cycle):
    tables = source_tables(inbox, cycle)
    units, evaluations = tables["fpu_units"], tables["fpu_evaluations"]
    assert (len(units), len(evaluations)) == (27, {4: 51, 5: 54}[cycle])
    assert Counter(row["mission"] for row in units) == {"MINUSCA": 15, "MONUSCO": 8, "UNMISS": 4}
    middle = {4: date(2023, 8, 1), 5: date(2024, 2, 1)}[cycle]
    assert all((row["evaluation_date"] >= middle) == (row["quarter"] == "Q2") for row in evaluations)
    assert not {"Needs improvement", "Unsatisfactory"} & {row["rating"] for row in evaluations}


@pytest.mark.parametrize("cycle", [4, 5])
def test_military_units_are_evaluated_at_most_twice(inbox, cycle):
    tables = source_tables(inbox, cycle)
    times = Counter(row["unit_id"] for row in tables["military_unit_evaluations"])
    assert set(times.values()) == {1, 2}
    assert len(times) < len(tables["military_units"])


# Mission workbooks


def test_mission_plans_and_assessments_are_the_published_ones(inbox):
    for cycle, without_plan, without_assessment in (
        (5, {"MONUSCO", "UNISFA", "UNMOGIP"}, {"UNDOF"}),
        (4, {"MONUSCO", "UNISFA", "UNMOGIP", "UNTSO"}, set()),
    ):
        tables = {mission: mission_tables(inbox, cycle, mission) for mission in KNOWN.reporting_missions}
        plans = {mission: found[PLAN][0]["approved_plan"] for mission, found in tables.items()}
        assert plans == {mission: "N" if mission in without_plan else "Y" for mission in tables}
        conducted = {mission: found[ASSESSMENT][0]["impact_assessment"] for mission, found in tables.items()}
        assert conducted == {mission: "N" if mission in without_assessment else "Y" for mission in tables}
        assert all(
            len(found[name]) == 1 for found in tables.values() for name in MISSION_TABLES if name not in SEVERAL_ROWS
        )


def test_incidents_are_the_published_ones(inbox):
    found = {m: mission_tables(inbox, 5, m)[INCIDENTS][0] for m in KNOWN.reporting_missions}
    assert {m: (row["new_incidents"], row["total_incidents"]) for m, row in found.items()} == {
        "MINURSO": (0, 2),
        "MINUSCA": (10, 174),
        "MONUSCO": (27, 29),
        "UNDOF": ("None", "None"),
        "UNFICYP": ("None", "None"),
        "UNIFIL": (43, "Under Validation"),
        "UNISFA": (1, "Under Validation"),
        "UNMIK": ("No SOFA/SOMA", None),
        "UNMISS": (125, 585),
        "UNMOGIP": ("No SOFA/SOMA", None),
        "UNTSO": ("No SOFA/SOMA", None),
    }
    for mission, row in found.items():
        impacts = {row[name] for name in row if name.startswith("impact_")}
        if mission in ("MINURSO", "UNFICYP"):
            assert impacts == {"-----"}
        elif KNOWN.missions[mission].agreement == "none":
            assert impacts == {None}
        else:
            assert impacts <= {"No/Low", "Medium", "High"}


@pytest.mark.parametrize(("cycle", "total"), [(4, 511), (5, 914)])
def test_training_sessions_add_up(inbox, cycle, total):
    trainings = KNOWN.contract("mission_report").tables[TRAININGS].columns["training"].one_of
    rows = []
    for mission in KNOWN.reporting_missions:
        found = mission_tables(inbox, cycle, mission)[TRAININGS]
        assert [row["training"] for row in found] == list(trainings)
        rows += found
    counted = [row for row in rows if row["sessions"] != "None"]
    assert sum(row["sessions"] for row in counted) == total
    assert all(row["training_days"] <= min(row["sessions"], KNOWN.cycle(cycle).days) for row in counted)
    assert len(counted) < len(rows)


def test_workbooks_differ_as_missions_do(inbox):
    covers = {m: mission_tables(inbox, 5, m)[COVER][0] for m in KNOWN.reporting_missions}
    assert {m: row["mission"] for m, row in covers.items() if row["mission"] != m} == {"UNIFIL": "UNFIL"}
    assert {row["cycle"] for row in covers.values()} == {5}
    books = {m: openpyxl.load_workbook(the_file(inbox, 5, "mission_report", m)) for m in KNOWN.reporting_missions}
    assert {m for m, book in books.items() if book.sheetnames[0] == "Couverture"} == {"MINUSCA", "MONUSCO"}
    assert {m for m, book in books.items() if book.worksheets[1]["B1"].value is None} == {"UNFICYP", "UNMISS"}


# Larger samples


def test_scale_3_has_three_times_the_rows(inbox, inbox_of_three):
    for cycle in (4, 5):
        one, three = source_tables(inbox, cycle), source_tables(inbox_of_three, cycle)
        for name, rows in one.items():
            if KNOWN.table_contract(name)[0].source in SCALED:
                assert len(three[name]) == 3 * len(rows), name
            else:
                assert three[name] == rows, name


def test_the_workbooks_of_missions_do_not_grow(inbox, inbox_of_three):
    for path in (inbox / "cycle-05" / "mission_report").rglob("*.xlsx"):
        assert path.read_bytes() == (inbox_of_three / path.relative_to(inbox)).read_bytes()


def test_large_sheets_read_as_small_ones_do(inbox, tmp_path, monkeypatch):
    monkeypatch.setattr("sample.workbook.ROWS_WRITTEN_ONE_BY_ONE", 20)
    monkeypatch.setattr("sample.workbook.ROWS_AT_A_TIME", 7)
    sample.write(tmp_path, 4)
    assert source_tables(tmp_path, 4) == source_tables(inbox, 4)


def test_more_rows_than_a_sheet_holds_come_as_csv(inbox, tmp_path, monkeypatch):
    monkeypatch.setattr("sample.conduct.ROWS_OF_A_SHEET", 1000)
    sample.write(tmp_path, 4)
    assert the_file(tmp_path, 4, "conduct_allegations").suffix == ".csv"
    rows = csv_table(tmp_path, 4, "conduct_allegations")
    assert rows.height == len(source_tables(inbox, 4)["conduct_allegations"])
