"""Who serves: contributing countries with a rough size each, and the host countries of missions with local staff."""

from __future__ import annotations

from random import Random

# ISO 3166 alpha-3 and roughly how many people the country has in the field
CONTRIBUTORS = {
    "NPL": 6000, "RWA": 5900, "BGD": 5800, "IND": 5600, "PAK": 4000, "IDN": 2700, "GHA": 2650, "CHN": 1800,
    "MAR": 1700, "ETH": 1550, "TZA": 1500, "EGY": 1200, "SEN": 1150, "ZAF": 1100, "URY": 1100, "CMR": 1050,
    "ZMB": 930, "TUN": 900, "MNG": 880, "ITA": 870, "MYS": 850, "KHM": 780, "BDI": 760, "MWI": 740,
    "ESP": 670, "UGA": 650, "FRA": 580, "LKA": 540, "KOR": 530, "MRT": 450, "KEN": 440, "GAB": 430,
    "JOR": 400, "FJI": 350, "IRL": 350, "THA": 280, "SRB": 270, "GBR": 270, "VNM": 270, "ARG": 250,
    "SVK": 240, "PER": 230, "PRT": 220, "TGO": 210, "POL": 200, "NGA": 200, "FIN": 200, "BTN": 190,
    "COG": 180, "DJI": 180, "GTM": 170, "AUT": 170, "LBR": 160, "DEU": 140, "KAZ": 140, "GRC": 120,
    "TUR": 110, "GMB": 100, "ZWE": 90, "BRA": 70, "NOR": 60, "SLE": 60, "CIV": 40, "SWE": 40,
}  # fmt: skip

# Countries that deploy formed police units
POLICE_CONTRIBUTORS = ("BGD", "CMR", "COG", "EGY", "GHA", "IDN", "IND", "JOR", "MRT", "NPL", "RWA", "SEN", "TGO", "TUN")

HOSTS = {
    "MINUSCA": "CAF", "MINUSMA": "MLI", "MINUSTAH": "HTI", "MONUC": "COD", "MONUSCO": "COD", "UNAMID": "SDN",
    "UNDOF": "SYR", "UNIFIL": "LBN", "UNISFA": "SDN", "UNMIL": "LBR", "UNMISS": "SSD", "UNOCI": "CIV",
    "UNAMA": "AFG", "UNAMI": "IRQ", "UNSMIL": "LBY", "UNSOM": "SOM",
}  # fmt: skip


def contributors(chance: Random, number: int) -> list[str]:
    """Draw so many different contributing countries, the large ones more often."""
    # a weighted draw without putting back: the smallest of exponential waiting times
    waits = {country: chance.expovariate(1.0) / size for country, size in CONTRIBUTORS.items()}
    return sorted(waits, key=lambda country: waits[country])[:number]
