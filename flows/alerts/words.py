"""What messages to the sources say, in English and in French."""

from __future__ import annotations

from config import Language

_TEXTS: dict[str, tuple[str, str]] = {
    # subjects: nothing that is sensitive, for they are read on the way
    "subject": ("A4P+ cycle {cycle}: {what}", "A4P+, cycle {cycle} : {what}"),
    "subject_received": ("your file was received – {points}", "votre fichier est bien arrivé – {points}"),
    "subject_findings": ("your file – {points}", "votre fichier – {points}"),
    "subject_reminder": ("reminder – {points}", "rappel – {points}"),
    "subject_overdue": ("your file is awaited", "votre fichier est attendu"),
    "subject_closed": ("all points are mended, thank you", "tous les points sont réglés, merci"),
    "points_0": ("nothing to mend", "rien à corriger"),
    "points_1": ("1 point to mend", "1 point à corriger"),
    "points_n": ("{n} points to mend", "{n} points à corriger"),
    # the message
    "greeting": ("Dear colleagues,", "Chers collègues,"),
    "about": (
        "This is about “{title}” of {owner} for A4P+ cycle {cycle} ({start} to {end}).",
        "Ce message porte sur « {title} » ({owner}) pour le cycle {cycle} d'A4P+ (du {start} au {end}).",
    ),
    "closed": (
        "All points that we had told you of are settled; nothing is left to mend. Thank you.",
        "Tous les points que nous vous avions signalés sont réglés ; il ne reste rien à corriger. Merci.",
    ),
    "received": ("Received:", "Fichiers reçus :"),
    "file_accepted": (
        "{file} ({on}): accepted, {staged} of {read} rows",
        "{file} ({on}) : accepté, {staged} lignes sur {read}",
    ),
    "rows_refused": ("; {n} rows refused", " ; lignes refusées : {n}"),
    "tables_refused": ("; refused: {tables}", " ; refusé : {tables}"),
    "file_refused": ("{file} ({on}): refused", "{file} ({on}) : refusé"),
    "late": (
        "It was due on {due} and came after that day.",
        "L'envoi était attendu pour le {due} et est arrivé après.",
    ),
    "due": ("Due on {due}.", "Date limite : {due}."),
    "overdue": (
        "Nothing has been received yet. It was due on {due}; the report goes on without it until it comes.",
        "Nous n'avons encore rien reçu. L'envoi était attendu pour le {due} ; d'ici là, le rapport se fait sans lui.",
    ),
    "to_mend": ("To mend ({n}, of which {new} new):", "À corriger ({n}, dont {new} nouveaux) :"),
    "notes": ("For information ({n}):", "Pour information ({n}) :"),
    "new": ("new", "nouveau"),
    "critical": ("must be mended", "à corriger"),
    "warning": ("please look at", "à examiner"),
    "info": ("note", "remarque"),
    "more": ("… and {n} more.", "… et {n} autres."),
    "whole_file": ("the whole file", "tout le fichier"),
    "mended": ("Settled so far: {n}.", "Points déjà réglés : {n}."),
    "waived": ("Left to stand, as agreed: {n}.", "Maintenus d'un commun accord : {n}."),
    "attached": (
        "Your file is attached with the cells marked.",
        "Votre fichier est joint, avec les cellules concernées signalées.",
    ),
    "do_mend": (
        "What to do: mend your own file, check it with “a4p check FILE --cycle {cycle}” or on the check page, and send "
        "it again the way you sent it. The new file replaces the old one.",
        "Que faire : corrigez votre fichier, vérifiez-le avec « a4p check FICHIER --cycle {cycle} » ou sur la page de "
        "vérification, puis renvoyez-le de la même manière. Le nouveau fichier remplacera l'ancien.",
    ),
    "do_send": (
        "What to do: check your file with “a4p check FILE --cycle {cycle}” or on the check page, and send it.",
        "Que faire : vérifiez votre fichier avec « a4p check FICHIER --cycle {cycle} » ou sur la page de "
        "vérification, puis envoyez-le.",
    ),
    "signed": (
        "The A4P+ data pipeline. Nobody reads answers to this message; write to the A4P+ coordinator.",
        "La chaîne de données A4P+. Les réponses à ce message ne sont pas lues ; écrivez à la coordination A4P+.",
    ),
}
_BEFORE = (" :", " ;", " »")


def text(key: str, language: Language, **values: object) -> str:
    """Return a text in a language with its gaps filled; French punctuation stays with the word before it."""
    said = _TEXTS[key][language == "fr"]
    if language == "fr":
        for mark in _BEFORE:
            said = said.replace(mark, f"\u00a0{mark[1]}")
        said = said.replace("« ", "«\u00a0")
    return said.format(**values) if values else said


def points(n: int, language: Language) -> str:
    """Return how many points there are to mend, in words."""
    return text(f"points_{n if n < 2 else 'n'}", language, n=n)
