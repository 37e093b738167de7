"""Words of a text as they are compared: in small letters, without accents; and phrases that they are held against."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SQUARE = re.compile("(?<![^\\W\\d_k])m²")
_WORD = re.compile(r"[^\W_]+(?:\+(?=\W|$))?|[%#&]")
# what says nothing of what a number is about
_SMALL = (
    "a an and are as at be been by for from had has have in into is it its of on or over per some such that the their "
    "these this those to up was were which who with while during total number all also than out each across only "
    "au aux avec ce ces cette dans de des du elle en est et il la le les leur leurs ont par pour que qui sa ses son "
    "sont sur un une se d l s n y a dont ainsi soit total nombre % # & "
    "january february march april may june july august "
    "september october november december janvier fevrier mars avril mai juin juillet aout septembre octobre novembre "
    "decembre end 2022 2023 2024 respectively respectivement year annee years cycle period periode reporting "
    "previous last preceding prior earlier increase increased decrease decreased rise rose fell up down compared "
    "against versus vs increasing hausse baisse contre rapport precedent precedente now then passe passant just well "
    "higher lower before ago fewer between entre among amongst including parmi y compris also nearly "
    "previously formerly auparavant precedemment only more less slightly sharply mid one two time same"
)
_EMPTY = frozenset(_SMALL.split())
# what heads a row or column and says nothing of what is counted
_OF_ANYTHING = (
    "current actuel actuelle latest report rapport value number count figure indicator result share percentage "
    "change changes variation difference ecart "
    "percent proportion pourcentage valeur chiffre indicateur resultat trend tendance"
)
HEADS = frozenset(_OF_ANYTHING.split())
# with these words alone beside it a number counts what the one before does
_NOTHING_NEW = (
    "recorded reported accounted account accounts held had has conducted registered alone followed mission missions "
    "each "
    "them those such other others another most least further additional followed enregistre signale compte compter "
    "respectivement suivie suivi dont elle celle received saw counted having documented noted observed including "
    "sessions session trainings incidents incident cases people personnes events deaths alleged came reached "
    "autres atteint atteintes seances seance formations formation tenues tenue organisees organise smallest largest "
    "highest lowest fewest greatest together ensemble ete dispensees dispense "
    "steepest strongest sharpest many numerous there km kilometre kilometres kilometers"
)
LIGHT = frozenset(_NOTHING_NEW.split())


def plain(text: str) -> str:
    """Return a text in small letters and without accents, each sign in the place where it was."""
    return "".join(_plain(sign) for sign in _SQUARE.sub("m2", text))


@lru_cache(maxsize=4096)
def _plain(sign: str) -> str:
    if sign in "⁰¹²³⁴⁵⁶⁷⁸⁹":
        # the mark of a note, behind a word
        return " "
    letters = unicodedata.normalize("NFKD", sign).casefold()
    kept = "".join(one for one in letters if not unicodedata.combining(one))
    return kept if len(kept) == 1 else {"œ": "o", "æ": "a", "’": "'"}.get(sign, kept[:1] or " ")


def bare(text: str) -> str:
    """Return what heads a row or column without signs and what stands in brackets behind it: `Total (all causes)`."""
    return re.sub(r"\s*\([^()]*\)\s*$", "", plain(text)).strip(" :*#")


@lru_cache(maxsize=20_000)
def words(text: str) -> str:
    """Return the words of a text as they are compared, in their order, with a blank before and behind each."""
    return " " + "".join(f"{one} " for one in _WORD.findall(plain(text)))


def joined(*those: str) -> str:
    """Return words of several texts as those of one."""
    return " " + "".join(one.lstrip(" ") for one in those)


@lru_cache(maxsize=8)
def of_several(names: tuple[str, ...]) -> re.Pattern[str]:
    """Return names of several words, which say where and not what."""
    several = sorted({words(name).strip() for name in names if " " in name}, key=len, reverse=True)
    return re.compile(f"(?<= )(?:{'|'.join(map(re.escape, several)) or '(?!)'})(?= )")


@lru_cache(maxsize=20_000)
def says_something(those: str, nothing: frozenset[str] = frozenset()) -> bool:
    """Tell whether words say what a number is about, beside days, small words, numbers and names that say nothing."""
    return any(
        one not in _EMPTY and one not in nothing and not one[0].isdigit() and len(one) > 1 for one in those.split()
    )


@lru_cache(maxsize=10_000)
def phrase(text: str) -> tuple[re.Pattern[str], ...]:
    """Return the pieces of a phrase of proof.yaml, each as what is looked for in words."""
    return tuple(_piece(piece) for piece in text.split())


@lru_cache(maxsize=10_000)
def _piece(piece: str) -> re.Pattern[str]:
    return re.compile(f" ({'|'.join(map(_run, piece.split('|')))})(?= )")


def _run(run: str) -> str:
    """Return words that stand side by side; a word is found in the plural too, `*` is any ending."""
    parts = []
    for part in run.split("_"):
        every = _WORD.findall(plain(part.rstrip("*")))
        last = re.escape(every[-1]) if every else "(?!)"
        if part.endswith("*"):
            last += r"\S*"
        elif every and len(every[-1]) > 2:
            last += "(?:e?s|x)?"
        parts += [*map(re.escape, every[:-1]), last]
    return " ".join(parts)


def stands_in(text: str, those: str) -> bool:
    """Tell whether every piece of a phrase stands among words."""
    return all(piece.search(those) for piece in phrase(text))
