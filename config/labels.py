"""What every model of the configuration is, and texts in the working languages of the missions."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, field_validator

Language = Literal["en", "fr"]
_BEFORE_PUNCTUATION = re.compile(" (?=[:;?!%»])")


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

    def text(self, language: Language) -> str:
        """Return the text in a language; in English where there is no French one."""
        return self.fr or self.en if language == "fr" else self.en


def normalised_header(header: str) -> str:
    """Return a header as it is compared: lower case, every run of other characters than letters and digits one `_`.

    Byte-order marks, line breaks, non-breaking and trailing spaces thus do not matter.
    """
    return re.sub(r"[\W_]+", "_", header.lower()).strip("_")


# what is written into a table that has nothing to list
NONE = Label(en="None", fr="Néant")


def _english(value: object) -> object:
    return {"en": value} if isinstance(value, str) else value


# a text that is written in English alone, or as {en: …, fr: …}
Text = Annotated[Label, BeforeValidator(_english)]
