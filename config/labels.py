"""What every model of the configuration is, and texts in the working languages of the missions."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, field_validator

Language = Literal["en", "fr"]
_ACRONYMS = {"id": "ID", "iso": "ISO", "m49": "M49"}
# a letter or number of a note, in brackets or raised, at the end of a header of which something is left
_NOTE_MARKS = re.compile(r"(?<=\w)(?:[\s,;]*(?:[(\[][a-zA-Z0-9]{1,2}[)\]]|[*†‡§⁰¹²³⁴-⁹⁺⁻⁽⁾ᵃ-ᶻ]+))+\s*$")
_BEFORE_PUNCTUATION = re.compile(" (?=[:;?!%»])")
# what is typed, or put in by a spelling program, for the same sign
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_APOSTROPHES = "\u2018\u2019\u201b\u02bc\u02b9\u2032\u00b4`\uff07"
ALIKE: dict[str, str] = dict.fromkeys(_DASHES, "-") | dict.fromkeys(_APOSTROPHES, "'")
_ALIKE = {ord(sign): same for sign, same in ALIKE.items()}


class Frozen(BaseModel):
    """A model that neither changes nor takes words it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(Frozen):
    """A text in the working languages of the missions."""

    en: str
    fr: str | None = None

    @field_validator("fr")
    @classmethod
    def _no_break_spaces(cls, text: str | None) -> str | None:
        """Keep French punctuation with the word before it, and guillemets with what they enclose."""
        return None if text is None else _BEFORE_PUNCTUATION.sub("\u00a0", text).replace("« ", "«\u00a0")

    def __str__(self) -> str:
        """Return the English text."""
        return self.en

    def of_year(self, year: int) -> Label:
        """Return the text with a year in the place of `{year}`."""
        texts = {language: text.replace("{year}", str(year)) for language, text in self if text}
        return self.model_copy(update=texts)

    def text(self, language: Language) -> str:
        """Return the text in a language; in English where there is no French one."""
        return self.fr or self.en if language == "fr" else self.en


@lru_cache(maxsize=20_000)
def normalised_header(header: str) -> str:
    """Return a header, or the name of a sheet, as it is compared: as people read it.

    Lower case, without accents, marks of notes at its end (`(a)`, `[1]`, `*`, a raised 1), line breaks and signs that
    nobody sees; every run of other characters than letters and digits is one `_`.
    """
    plain = _NOTE_MARKS.sub("", "".join(sign for sign in header if unicodedata.category(sign) != "Cf"))
    letters = unicodedata.normalize("NFKD", plain).casefold().replace("œ", "oe").replace("æ", "ae")
    # casefold may make of a letter one with an accent again
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(sign))
    return re.sub(r"[\W_]+", "_", plain).strip("_")


def as_compared(text: str) -> str:
    """Return a text of a key as it is compared: in small letters, with one kind of dash, of apostrophe and of space."""
    alike = unicodedata.normalize("NFC", text).translate(_ALIKE)
    return " ".join(alike.split()).lower().replace("ß", "ss")


def readable(name: str) -> str:
    """Return the name of a column or table as people read it: `Training days` of `training_days`."""
    said = " ".join(_ACRONYMS.get(word, word) for word in name.split("_"))
    return said[:1].upper() + said[1:]


# what is written into a table that has nothing to list
NONE = Label(en="None", fr="Néant")


def _english(value: object) -> object:
    return {"en": value} if isinstance(value, str) else value


# a text that is written in English alone, or as {en: …, fr: …}
Text = Annotated[Label, BeforeValidator(_english)]
