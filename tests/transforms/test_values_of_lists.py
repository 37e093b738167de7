"""The lists that other tables refer to, against values written down by hand."""

from datetime import date

from tests.transforms.frames import CONFIG, CYCLE
from transforms.code_lists import causes, obs_statuses, ratings
from transforms.dimensions import calendar, host_countries


def test_codes_come_in_order_with_their_meaning():
    known = obs_statuses().collect().rows()
    assert known[0] == ("A", 1, True, "Normal value", "Valeur normale")
    assert [(code, has_value) for code, _, has_value, _, _ in known[3:]] == [(code, False) for code in "MLQO"]
    assert causes(CONFIG.causes).collect().rows()[:2] == [
        ("Malicious Act", 1, "Acte de malveillance"),
        ("Illness", 2, "Maladie"),
    ]
    assert ratings(CONFIG.ratings).collect().rows()[-1] == ("Outstanding", 7, "Exceptionnel")


def test_the_calendar_knows_the_cycle_of_a_day():
    days = {row[0]: row[1:] for row in calendar(CONFIG.cycles, CYCLE).collect().iter_rows()}
    assert (min(days), max(days)) == (date(2017, 1, 1), date(2024, 12, 31))
    assert days[date(2024, 2, 3)] == (2024, 1, 2, date(2024, 2, 29), 5)
    assert days[date(2017, 1, 1)][-1] is None


def test_a_mission_may_be_in_several_countries_and_an_area_has_no_code():
    hosts = host_countries(CONFIG.hosts, CONFIG.countries).collect()
    assert hosts.filter(mission="UNISFA").rows() == [("UNISFA", "Abyei", None, None, 9.6, 28.4)]
    assert hosts.filter(mission="UNMOGIP").select("iso_alpha3", "m49_code").rows() == [("IND", "356"), ("PAK", "586")]
