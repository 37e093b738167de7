"""From which columns of the source tables the figures are made."""

from tests.transforms.frames import CONFIG, CYCLE
from transforms.feeding import feeding


def test_a_column_feeds_a_figure_that_counts_it_or_asks_for_it() -> None:
    asked = feeding(CONFIG, CONFIG, CONFIG, CYCLE)
    assert set(asked) == {table for contract in CONFIG.contracts.values() for table in contract.tables}
    assert {table: asked[table] for table in ("hospitals", "women_in_patrols", "senior_appointments", "noticas")} == {
        # which hospital it is nobody counts
        "hospitals": {"mission", "level"},
        "women_in_patrols": {"year", "patrols", "patrols_with_women", "engagement_teams"},
        "senior_appointments": {"grade", "appointed_on", "attended_on"},
        "noticas": {"mission", "incident_date", "cause", "type_of_casualty", "personnel_type"},
    }
    # a share that the source works out itself is compared, and no figure
    assert asked["crimes"] >= {"cases_reported", "perpetrators_convicted"}
    assert "investigated_of_reported_pct" not in asked["crimes"]
    # a word in its cell is its status, of which incidents there are
    assert "new_incidents" in asked["sofa_soma"]
    # of the personnel no figure is made
    assert asked["uniformed_personnel"] == set()
