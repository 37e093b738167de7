"""What messages.yaml may say: the texts of rules and what stands around them, in English and in French."""

from __future__ import annotations

from string import Formatter
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from config.labels import Frozen, Label, Language
from config.models import Name

# one text, or several of which the first is used
Spellings = Annotated[
    tuple[Annotated[str, StringConstraints(min_length=1)], ...],
    BeforeValidator(lambda said: (said,) if isinstance(said, str) else said),
]


class Phrase(Label):
    """A text that must be there in both languages, with the same gaps to fill (`{column}`)."""

    fr: str

    @model_validator(mode="after")
    def _same_gaps(self) -> Phrase:
        if gaps(self.en) != gaps(self.fr):
            raise ValueError(
                f"the English text has the gaps {', '.join(sorted(gaps(self.en))) or 'none'}, "
                f"the French one {', '.join(sorted(gaps(self.fr))) or 'none'}; give both the same"
            )
        return self


class RuleTexts(Frozen):
    """What is wrong where a rule does not hold, and what to do about it.

    A rule that asks has its `question` too, which tells the numbers that the message must not tell.
    """

    message: Phrase
    remedy: Phrase
    question: Phrase | None = Field(default=None, exclude_if=lambda asked: asked is None)


class Messages(Frozen):
    """All that people are told of their data.

    `rules` by the rule's name or its pattern (`{column}_is_given`); `phrases` are parts of those texts; `details` say
    in French what completes a message in English; `labels` stand around findings where they are shown; `forms` are
    the words of templates, marked workbooks and the check page; `letters` those of the messages to the sources;
    `values` how the values of lists, and the words that number cells take, are written in French, as templates have it
    first.
    """

    rules: dict[str, RuleTexts]
    phrases: dict[Name, Phrase]
    details: dict[Name, Phrase]
    labels: dict[Name, Phrase]
    forms: dict[Name, Phrase]
    letters: dict[Name, Phrase]
    values: dict[str, Spellings] = Field(default={})

    def value(self, word: str, language: Language) -> str:
        """Return a value of a list, or a word that a number cell takes, as a template has it in a language."""
        return self.values.get(word, (word,))[0] if language == "fr" else word


def gaps(text: str) -> set[str]:
    """Return the names of the gaps of a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
