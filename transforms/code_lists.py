"""The codes that stand in columns of other tables, with what they mean and in which order they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from transforms.dictionary import dimension

# code, whether a value stands beside it, in English, in French
_OBS_STATUSES = (
    ("A", True, "Normal value", "Valeur normale"),
    ("P", True, "Provisional value", "Valeur provisoire"),
    ("V", True, "Unvalidated value", "Valeur non validée"),
    ("M", False, "Missing: it cannot exist", "Manquante\u00a0: elle ne peut pas exister"),
    (
        "L",
        False,
        "Missing: it exists but was not collected",
        "Manquante\u00a0: elle existe mais n'a pas été recueillie",
    ),
    ("Q", False, "Missing: suppressed", "Manquante\u00a0: masquée pour raison de confidentialité"),
    ("O", False, "Missing: not reported", "Manquante\u00a0: non communiquée"),
)
_CAUSES_FR = {
    "Malicious Act": "Acte de malveillance",
    "Illness": "Maladie",
    "Accident": "Accident",
    "Self-Inflicted": "Acte auto-infligé",
    "To Be Determined": "À déterminer",
    "Unknown": "Inconnue",
}
_RATINGS_FR = {
    "Unsatisfactory": "Insatisfaisant",
    "Needs improvement": "À améliorer",
    "Below average": "Inférieur à la moyenne",
    "Average": "Moyen",
    "Above average": "Supérieur à la moyenne",
    "Very good": "Très bon",
    "Outstanding": "Exceptionnel",
}


@dimension
def obs_statuses() -> pl.LazyFrame:
    """Observation statuses, which say how sure a number is, or why there is none; one row a code.

    Source: SDMX code list CL_OBS_STATUS
    Rule: The codes that releases use; a count beside L may be what was reported of it.

    Fields:
        obs_status: Code.
        status_order: Order in which to show them.
        normally_has_value: Whether a number normally stands beside it.
        meaning_en: What it means, in English.
        meaning_fr: What it means, in French.

    Key: obs_status
    """
    rows = [(code, number, *said) for number, (code, *said) in enumerate(_OBS_STATUSES, start=1)]
    schema = {
        "obs_status": pl.String,
        "status_order": pl.Int64,
        "normally_has_value": pl.Boolean,
        "meaning_en": pl.String,
        "meaning_fr": pl.String,
    }
    return pl.LazyFrame(rows, schema=schema, orient="row")


@dimension
def causes(config_causes: Sequence[str]) -> pl.LazyFrame:
    """Causes of death, as UNOCC classifies them; one row a cause.

    Source: config/sources/noticas.yaml
    Rule: The order is that of the contract.

    Fields:
        cause: Cause of death.
        cause_order: Order in which to show them.
        cause_fr: Cause in French; empty where there is no translation yet.

    Key: cause
    """
    return _codes("cause", config_causes, _CAUSES_FR)


@dimension
def ratings(config_ratings: Sequence[str]) -> pl.LazyFrame:
    """The Police Division's seven-point scale for evaluations of formed police units; one row a rating.

    Source: config/sources/fpu_evaluations.yaml
    Rule: From the worst, 1, to the best.

    Fields:
        rating: Rating.
        rating_order: Its place on the scale.
        rating_fr: Rating in French; empty where there is no translation yet.

    Key: rating
    """
    return _codes("rating", config_ratings, _RATINGS_FR)


def _codes(column: str, codes: Sequence[str], french: Mapping[str, str]) -> pl.LazyFrame:
    """Return codes, in their order."""
    rows = [(code, number, french.get(code)) for number, code in enumerate(codes, start=1)]
    schema = {column: pl.String, f"{column}_order": pl.Int64, f"{column}_fr": pl.String}
    return pl.LazyFrame(rows, schema=schema, orient="row")
