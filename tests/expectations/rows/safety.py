"""Clean rows of crimes, explosive ordnance, hospitals and digital channels."""

from __future__ import annotations

from collections.abc import Sequence

from tests.expectations.rows.cells import Cells

CRIMES = (
    "cases_reported",
    "cases_investigated",
    "perpetrators_identified",
    "perpetrators_detained",
    "perpetrators_tried",
    "perpetrators_convicted",
)
CRIME_SHARES = (
    "investigated_of_reported_pct",
    "detained_of_identified_pct",
    "tried_of_detained_pct",
    "convicted_of_identified_pct",
)


def _crimes(where: str, counts: str, *shares: str) -> Cells:
    return {
        "mission_or_total": where,
        **dict(zip(CRIMES, counts.split(), strict=True)),
        **dict(zip(CRIME_SHARES, shares, strict=False)),
    }


CLEAN: dict[str, Sequence[Cells]] = {
    "crimes": (
        _crimes("MINUSCA", "62 49 96 61 48 30"),
        # every step at its utmost, and a whole number or a tenth as it was rounded
        _crimes("MONUSCO", "44 44 191 191 191 191", "100", "100", "100", "100"),
        _crimes("UNIFIL", "4 4 7 1 0 0", "100", "14.3", "0", "0"),
        # a share of nothing
        _crimes("UNDOF", "0 0 0 0 0 0", "0", "0", "0", "100"),
        _crimes("TOTAL", "110 97 294 253 239 221", "88", "86.1", "94", "75"),
    ),
    "explosive_ordnance": (
        {
            "mission": "UNIFIL",
            "up_to": "2024-05-20",
            "incidents": "5025",
            "exploded": "4,890",
            "removed_by_mission": "64",
            "removed_by_others": "71",
            "people_educated": "100",
            "counted_from": "2023-10-01",
            "routes_verified_km": "15000.5",
            "items_destroyed": "160",
            "land_released_m2": "1600000",
            "hazards_removed": "330",
            "observers_injured": "0",
        },
        # a total whose parts are not all known
        {"mission": "UNMISS", "up_to": "2024-05-01", "incidents": "9", "exploded": "7"},
    ),
    "hospitals": (
        {"hospital_id": "H-1", "mission": "UNIFIL", "level": "1+"},
        {"hospital_id": "H-2", "mission": "UNMISS", "level": "2"},
    ),
    "service_interruptions": (
        {
            "hospital_id": "H-1",
            "mission": "UNIFIL",
            "service": "Ultrasound",
            "days": "182",
            "share_of_cycle_pct": "100",
        },
        # a tenth and a whole number, as they were rounded
        {"hospital_id": "H-2", "mission": "UNMISS", "service": "x-ray", "days": "30", "share_of_cycle_pct": "16.5"},
        {"hospital_id": "H-2", "mission": "UNMISS", "service": "Surgery", "days": "30", "share_of_cycle_pct": "16"},
        {"hospital_id": "H-2", "mission": "UNMISS", "service": "Laboratory", "days": "0"},
    ),
    "communications_indicators": (
        {"indicator": "New followers", "cycle_value": "410,000", "year_before_value": "380000"},
        {"indicator": "engaged users", "cycle_value": "0", "year_before_value": None},
    ),
}
