"""Numbers of a text: which there are, what they say, and what is no figure."""

import pytest

from config import load
from flows.releases.proof.numbers import What, found

PROOF = load().proof


def numbers(text: str) -> list[str]:
    """Return what the numbers of a text say, as the house reads them."""
    return [one.printed for one in found(text, PROOF.names, PROOF.durations) if one.what == What.NUMBER]


def others(text: str) -> list[tuple[str, What]]:
    """Return the numbers of a text that count nothing, and what they are."""
    return [(one.text, one.what) for one in found(text, PROOF.names, PROOF.durations) if one.what != What.NUMBER]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("approximately 914 sessions, up from 511", ["about 914", "511"]),
        ("460k beneficiaries, over 1.6 million square metres", ["460 k", "over 1.6 million"]),
        ("over 68,924 items and 15\u202f000 km", ["over 68924", "15000"]),
        ("20 % women, 36.8 per cent and 5%", ["20%", "36.8%", "5%"]),
        ("All eleven UN peacekeeping operations", ["11"]),
        ("one hundred and sixty-three events, twenty-five people", ["163", "25"]),
        ("91 (83%) of cases", ["91", "83%"]),
        ("Plus de 375 000 personnes, 1,6 million de m2, 36,8 % des postes", ["over 375000", "1.6 million", "36.8%"]),
        ("Les onze missions ont tenu vingt et une réunions et quatre-vingt-dix-huit ateliers", ["11", "21", "98"]),
        ("six multi-ethnic working groups", ["6"]),
    ],
)
def test_what_numbers_say(text: str, said: list[str]) -> None:
    """Digits with what parts thousands, shares, scales and bounds, and words of both languages."""
    assert numbers(text) == said


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Security Council resolution 1244 (1999)", What.RESOLUTION),
        ("the review (S/2021/1042) of", What.RESOLUTION),
        ("trust deficit in Kosovo².", What.NOTE),
        ("the 75th anniversary", What.ORDINAL),
        ("Priority 4", What.NAME),
        ("training in C4ISR", What.NAME),
        ("levels of hospital 1+", What.NAME),
        ("since 1 January 2017", What.PERIOD),
        ("du 1er novembre 2023 au 30 avril 2024", What.PERIOD),
        ("May and October 2023", What.PERIOD),
        ("in the past six months", What.DURATION),
        ("available 24/7", What.TIME),
        ("see https://a.example/5", What.ADDRESS),
        ("evaluated 2 times", What.TIMES),
    ],
)
def test_what_is_no_figure(text: str, what: What) -> None:
    """What counts nothing is found, and said to be what it is."""
    assert numbers(text) == []
    assert [kind for _, kind in others(text)] == [what]


def test_periods_are_days() -> None:
    """A period in either language is read to its first and last day."""
    [one] = found("du 1er novembre 2023 au 30 avril 2024")
    assert one.period
    assert (str(one.period.start), str(one.period.end)) == ("2023-11-01", "2024-04-30")
