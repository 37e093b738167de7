"""What disclosure.yaml may say, and that a mistake in it is named with file and line."""

from pathlib import Path

import pytest

from config import ConfigError
from config.disclosure import read_disclosure
from config.figures import Figure
from config.loader import parse, read

ENTRY = """\
cases:
  aggregation: [cycle, mission]
  counts: [reported, tried]
  threshold: 3
  totals: [[], [cycle]]
  at_most: {tried: [reported]}
"""
FIGURE = """\
cases_tried:
  priority: 4
  title: {en: Tried}
  unit: cases
  source: JCS
  table: cases
  value: sum(tried)
  by: mission
"""


def disclosure(folder: Path, text: str, figure: str = FIGURE):
    (folder / "disclosure.yaml").write_text(text)
    (folder / "figures.yaml").write_text(figure)
    document = read(folder / "figures.yaml")
    figures = {"cases_tried": parse(document, Figure, ("cases_tried",))}
    return read_disclosure(read(folder / "disclosure.yaml"), figures, document)


def test_an_entry_is_read_with_its_place(tmp_path):
    entry = disclosure(tmp_path, ENTRY)["cases"]
    assert (entry.threshold, entry.protection, entry.totals) == (3, 1, ((), ("cycle",)))
    assert entry.place == f"{tmp_path.name}/disclosure.yaml:1"
    assert entry.columns == {"cycle", "mission", "reported", "tried", "reported_obs_status", "tried_obs_status"}


@pytest.mark.parametrize(
    ("right", "wrong", "line", "says"),
    [
        ("[[], [cycle]]", "[[], [year]]", 1, "totals names the column 'year'; allowed: cycle, mission"),
        ("{tried: [reported]}", "{heard: [reported]}", 1, "at_most names the column 'heard'; allowed: reported, tried"),
        ("threshold: 3", "threshold: 1", 4, "greater than or equal to 2"),
        ("threshold: 3", "treshold: 3", 4, "'treshold' is not known here; allowed: aggregation, counts, threshold"),
        ("  counts: [reported, tried]\n", "", 1, "'counts' is missing"),
        ("threshold: 3", "disregard: [{release: r001, owner: JCS, reason: x}]", 4, "String should match pattern"),
    ],
)
def test_a_mistake_names_file_line_and_what_is_allowed(tmp_path, right, wrong, line, says):
    with pytest.raises(ConfigError) as error:
        disclosure(tmp_path, ENTRY.replace(right, wrong))
    assert f"disclosure.yaml:{line}: " in str(error.value)
    assert says in str(error.value)


def test_a_figure_below_the_aggregation_of_its_table_is_refused(tmp_path):
    coarse = ENTRY.replace("[cycle, mission]", "[cycle]")
    with pytest.raises(ConfigError) as error:
        disclosure(tmp_path, coarse)
    assert f"{tmp_path}/figures.yaml:8: cases_tried is counted by mission, and cases may be shown only by cycle" in str(
        error.value
    )
    assert disclosure(tmp_path, coarse, FIGURE.replace("  by: mission\n", ""))


def test_a_list_is_no_disclosure(tmp_path):
    with pytest.raises(ConfigError, match=r"disclosure.yaml:1: .*begin each with 'table_name:'"):
        disclosure(tmp_path, "- cases\n")
