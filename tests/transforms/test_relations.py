"""Which table a column leads to by its name."""

from transforms.relations import references


def test_a_column_leads_to_the_table_of_which_it_is_the_key() -> None:
    columns = ["cycle", "mission", "cause", "deaths", "deaths_obs_status", "previous_status"]
    assert references("fatalities_by_cause", columns) == {
        "cycle": ("cycles", "cycle"),
        "mission": ("missions", "mission"),
        "cause": ("causes", "cause"),
        "deaths_obs_status": ("obs_statuses", "obs_status"),
        "previous_status": ("obs_statuses", "obs_status"),
    }
    # and to no table from that table itself
    assert references("missions", ["mission", "name", "kind"]) == {}
