"""The words of templates, marked workbooks and the check page, in the missions' two working languages.

What a finding says comes from its rule; `told` is the one place that gives it in a language.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from config import Language

SEVERITIES = ("critical", "warning", "info")
_MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
}
# English is the language of the contracts
_UNITS_IN_FRENCH = {
    "cases": "cas",
    "count": "nombre",
    "days": "jours",
    "events": "activités",
    "incidents": "incidents",
    "patrols": "patrouilles",
    "people": "personnes",
    "percent": "pour cent",
    "sessions": "séances",
    "teams": "équipes",
    "trainings": "formations",
}
_TEXTS: dict[str, tuple[str, str]] = {
    # a template
    "instructions": ("Instructions", "Instructions"),
    "lists": ("Lists", "Listes"),
    "data": ("Data", "Données"),
    "cycle": ("Cycle {number}, {start} to {end}", "Cycle {number}, du {start} au {end}"),
    "mission": ("Mission", "Mission"),
    "source": ("Source", "Source"),
    "answers": ("Who answers for it", "Qui en répond"),
    "classification": ("Classification", "Classification"),
    "unclassified": ("unclassified", "non classifié"),
    "confidential": ("confidential", "confidentiel"),
    "strictly confidential": ("strictly confidential", "strictement confidentiel"),
    "due": ("Send it by", "À envoyer au plus tard le"),
    "how": ("How to fill it in", "Comment remplir le classeur"),
    "how_sheets": (
        "Fill in the sheets listed below. Point at a header to read what its column holds. Headers are locked.",
        "Remplissez les feuilles énumérées ci-dessous. Placez le pointeur sur un en-tête pour lire ce que contient la "
        "colonne. Les en-têtes sont verrouillés.",
    ),
    "how_required": (
        "A header with * names a column that must be filled in in every row.",
        "Un en-tête suivi de * désigne une colonne à remplir à chaque ligne.",
    ),
    "how_lists": (
        "Where a cell offers a list, choose from it. Dates are written year-month-day: 2024-04-30.",
        "Lorsqu'une cellule propose une liste, choisissez-y une valeur (elles sont en anglais). Les dates s'écrivent "
        "année-mois-jour : 2024-04-30.",
    ),
    "how_filled": (
        "Mission and cycle are filled in; another mission or cycle needs its own template.",
        "La mission et le cycle sont déjà indiqués ; une autre mission ou un autre cycle exige son propre modèle.",
    ),
    "how_personal": (
        "Write no names of people: nobody needs them for the report.",
        "N'inscrivez aucun nom de personne : le rapport n'en a pas besoin.",
    ),
    "how_check": (
        "Check the workbook before you send it, with the check page or with: a4p check FILE --cycle {number}",
        "Vérifiez le classeur avant de l'envoyer, sur la page de vérification ou avec : "
        "a4p check FICHIER --cycle {number}",
    ),
    "sheet": ("Sheet", "Feuille"),
    "one_row": ("One row is", "Une ligne correspond à"),
    "must_be": ("Required", "Obligatoire"),
    "yes": ("yes", "oui"),
    "no": ("no", "non"),
    "words": ("Words in cells that take numbers", "Mots dans les cellules numériques"),
    "word": ("Written", "Écrit"),
    "meaning": ("It means", "Cela signifie"),
    "blank": ("(blank)", "(vide)"),
    "means_zero": ("Zero: counted, and there were none", "Zéro : compté, il n'y en a pas eu"),
    "means_number": ("The number {number}", "Le nombre {number}"),
    "means_P": ("Provisional", "Provisoire"),
    "means_V": (
        "Under validation: there is a number, and it is not yet confirmed",
        "En cours de validation : le nombre existe mais n'est pas encore confirmé",
    ),
    "means_M": ("Not applicable: there cannot be a number here", "Sans objet : il ne peut y avoir de nombre ici"),
    "means_L": (
        "Not collected: the number exists, and nobody has it",
        "Non recueilli : le nombre existe mais n'a pas été recueilli",
    ),
    "means_Q": ("Withheld", "Non communiqué"),
    "means_O": ("Nothing was reported", "Rien n'a été communiqué"),
    # a header's note
    "required": ("Required.", "Obligatoire."),
    "optional": ("Optional.", "Facultatif."),
    "unit": ("Unit: {unit}.", "Unité : {unit}."),
    "a_text": ("Text.", "Texte."),
    "a_count": ("A whole number{bounds}.", "Un nombre entier{bounds}."),
    "a_number": ("A number{bounds}.", "Un nombre{bounds}."),
    "a_date": ("A date, as 2024-04-30{bounds}.", "Une date, sous la forme 2024-04-30{bounds}."),
    "a_yes_no": ("Yes or no: Y or N.", "Oui ou non : O ou N."),
    "a_mission": ("The acronym of a mission, such as UNMISS.", "Le sigle d'une mission, par exemple UNMISS."),
    "a_m49": ("The M49 code of a country: three digits.", "Le code M49 d'un pays : trois chiffres."),
    "a_iso3": ("The ISO 3166 code of a country: three letters.", "Le code ISO 3166 d'un pays : trois lettres."),
    "a_cycle": ("The number of a cycle.", "Le numéro d'un cycle."),
    "at_least": (", at least {low}", ", au moins {low}"),
    "at_most": (", at most {high}", ", au plus {high}"),
    "between": (", from {low} to {high}", ", de {low} à {high}"),
    "one_of": ("One of: {values}.", "Une des valeurs : {values}."),
    "or_words": ("Or one of the words: {words}.", "Ou l'un des mots : {words}."),
    "dashes": ("Type an apostrophe before ----- : '-----", "Tapez une apostrophe avant ----- : '-----"),
    "from_list": ("Choose a value from the list.", "Choisissez une valeur de la liste."),
    "in_parent": ("Listed on the sheet '{sheet}' first.", "À inscrire d'abord sur la feuille « {sheet} »."),
    "not_allowed": ("This is not allowed here", "Valeur non admise ici"),
    # a marked workbook
    "author": ("A4P+ check", "Vérification A4P+"),
    "findings": ("Findings", "Constatations"),
    "critical": ("Must be mended", "À corriger"),
    "warning": ("Please look at", "À examiner"),
    "info": ("Note", "Remarque"),
    "critical_means": ("the row or file is refused", "la ligne ou le fichier est refusé"),
    "warning_means": ("it is used as it stands", "utilisé tel quel"),
    "info_means": ("nothing has to be done", "rien n'est exigé"),
    "severity": ("Severity", "Gravité"),
    "where": ("Where", "Où"),
    "what": ("What is wrong", "Ce qui ne va pas"),
    "remedy": ("What to do", "Que faire"),
    "whole_file": ("The whole file", "Tout le fichier"),
    "row": ("row {row}", "ligne {row}"),
    "column": ("column {column}", "colonne {column}"),
    "record": ("record {row}", "enregistrement {row}"),
    "nothing_found": ("Nothing was found.", "Aucune constatation."),
    "found": ("Findings in {file}", "Constatations dans {file}"),
    "marked": (
        "Cells with a finding are coloured and carry a comment. The links lead to them. Mend them here or in your own "
        "file; colours and comments do not matter when the file is sent.",
        "Les cellules concernées sont colorées et commentées ; les liens y mènent. Corrigez-les ici ou dans votre "
        "propre fichier : couleurs et commentaires sont sans effet à l'envoi.",
    ),
    "told_once": (
        "A finding that many rows share may be told once. It then says how many there are, and only the first is "
        "marked.",
        "Une constatation commune à plusieurs lignes peut n'être faite qu'une fois. Elle dit alors leur nombre, et "
        "seule la première est marquée.",
    ),
    "listed_until": (
        "The first {shown} of {all} findings are listed here.",
        "Les {shown} premières constatations sur {all} figurent ici.",
    ),
    "commented_until": (
        "Comments stand on the first {shown} marked cells; all {all} are coloured.",
        "Les {shown} premières cellules marquées portent un commentaire ; les {all} sont colorées.",
    ),
    # the check page
    "page_title": ("Check a file before you send it", "Vérifier un fichier avant de l'envoyer"),
    "page_lead": (
        "The file is held against the rules by which it will be read for the A4P+ report. You see what is wrong, where, "
        "and how to mend it.",
        "Le fichier est soumis aux règles selon lesquelles il sera lu pour le rapport A4P+. Vous voyez ce qui ne va "
        "pas, où, et comment y remédier.",
    ),
    "page_private": (
        "The file does not leave this computer, and nothing of it is kept.",
        "Le fichier ne quitte pas cet ordinateur et rien n'en est conservé.",
    ),
    "page_drop": ("Drop a file here", "Déposez un fichier ici"),
    "page_choose": ("Choose a file", "Choisir un fichier"),
    "page_or": ("or", "ou"),
    "page_kinds": (
        "Excel workbook (.xlsx), CSV or JSON, up to {megabytes} MB",
        "Classeur Excel (.xlsx), CSV ou JSON, jusqu'à {megabytes} Mo",
    ),
    "page_choices": (
        "Say whose file it is, and of which cycle",
        "Préciser d'où vient le fichier et quel cycle il couvre",
    ),
    "page_source": ("Source", "Source"),
    "page_mission": ("Mission", "Mission"),
    "page_cycle": ("Cycle", "Cycle"),
    "page_as_file_says": ("As the file says", "Selon le fichier"),
    "page_checking": ("Checking {file} …", "Vérification de {file} …"),
    "page_accepted": ("This file would be accepted", "Ce fichier serait accepté"),
    "page_in_part": (
        "This file would be accepted in part: some rows would be refused",
        "Ce fichier serait accepté en partie : des lignes seraient refusées",
    ),
    "page_refused": ("This file would be refused", "Ce fichier serait refusé"),
    "page_rows": ("{accepted} of {read} rows would be accepted.", "{accepted} lignes sur {read} seraient acceptées."),
    "page_recognised": ("Read as: {what}.", "Lu comme : {what}."),
    "page_of_cycle": ("cycle {number}", "cycle {number}"),
    "page_download": ("Fetch the marked workbook", "Télécharger le classeur annoté"),
    "page_downloaded": (
        "Your own file, with each of these cells coloured and commented.",
        "Votre propre fichier, où chacune de ces cellules est colorée et commentée.",
    ),
    "page_and_more": ("and {count} more", "et {count} de plus"),
    "page_one_file": ("One file at a time, please.", "Un seul fichier à la fois, s'il vous plaît."),
    "page_gone": (
        "The check does not answer any more. Start it again with: a4p check --serve",
        "La vérification ne répond plus. Relancez-la avec : a4p check --serve",
    ),
    "page_too_large": (
        "The file is larger than {megabytes} MB, which is the most that this page takes. Check it with: a4p check FILE",
        "Le fichier dépasse {megabytes} Mo, la limite de cette page. Vérifiez-le avec : a4p check FICHIER",
    ),
    "page_unrecognised": (
        "The file has the columns of no source that is known. Choose its source above and drop it again, or start from "
        "a template.",
        "Le fichier n'a les colonnes d'aucune source connue. Choisissez sa source ci-dessus et déposez-le à nouveau, ou "
        "partez d'un modèle.",
    ),
    "page_no_name": ("The request names no file.", "La demande ne nomme aucun fichier."),
    "page_went_wrong": (
        "Something went wrong that should not ({kind}). Check the file with a4p --debug check FILE and report it.",
        "Une erreur inattendue s'est produite ({kind}). Vérifiez le fichier avec a4p --debug check FICHIER et "
        "signalez-la.",
    ),
    "could_not_be_read": (
        "The file itself could not be read, so only this list can be given.",
        "Le fichier lui-même n'a pas pu être lu ; seule cette liste peut être donnée.",
    ),
}


def text(key: str, language: Language, **values: object) -> str:
    """Return a text in a language, its gaps filled in."""
    said = _TEXTS[key][language == "fr"]
    return said.format(**values) if values else said


def texts(beginning: str, language: Language) -> dict[str, str]:
    """Return the texts whose keys begin so, by the rest of their keys, their gaps not filled in."""
    return {
        key.removeprefix(beginning): both[language == "fr"] for key, both in _TEXTS.items() if key.startswith(beginning)
    }


def told(finding: Mapping[str, Any], language: Language) -> tuple[str, str]:
    """Return what is wrong and what to do, of a finding as expectations.findings.SCHEMA describes it."""
    if language == "fr":
        return str(finding.get("message_fr") or finding["message"]), str(finding.get("remedy_fr") or finding["remedy"])
    return str(finding["message"]), str(finding["remedy"])


def unit(name: str, language: Language) -> str:
    """Return a contract's unit in a language."""
    return _UNITS_IN_FRENCH.get(name, name) if language == "fr" else name


def day(value: date, language: Language) -> str:
    """Return a date as `30 April 2024`, `30 avril 2024`."""
    number = "1er" if language == "fr" and value.day == 1 else str(value.day)
    return f"{number} {_MONTHS[language][value.month - 1]} {value.year}"


def number(value: int, language: Language) -> str:
    """Return a whole number with thousands set apart: `10,000`, `10 000`."""
    return f"{value:,}".replace(",", "\u202f") if language == "fr" else f"{value:,}"
