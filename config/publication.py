"""What catalogues are told of every release: by whom, for whom, under which licence, about what."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from config.alerts import Address
from config.labels import Frozen, Text
from config.loader import Document, parse

Link = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$")]
Named = Annotated[str, StringConstraints(min_length=1)]
# what a citation is put together from
_IN_CITATIONS = ("title", "publisher", "release", "year")

# of the types that the Asset Description Metadata Schema (ADMS) lists, those that there may be here
LicenceKind = Literal[
    "Attribution",
    "PublicDomain",
    "ViralEffect-ShareAlike",
    "NonCommercialUseOnly",
    "NoDerivativeWork",
    "RoyaltiesRequired",
    "OtherRestrictiveClauses",
    "UnknownIPR",
]
PublisherKind = Literal[
    "SupraNationalAuthority",
    "NationalAuthority",
    "RegionalAuthority",
    "LocalAuthority",
    "NonGovernmentalOrganisation",
    "Academia-ScientificOrganisation",
    "NonProfitOrganisation",
    "Company",
]
Frequency = Literal["once a year", "twice a year", "four times a year", "continuously", "irregularly"]


class Licence(Frozen):
    """A licence: its short name as SPDX has it, what it is called, where it can be read."""

    name: Annotated[str, StringConstraints(pattern=r"^[-a-zA-Z0-9._]+$")]
    title: Named
    address: Link
    kind: LicenceKind = "OtherRestrictiveClauses"


class Publisher(Frozen):
    """Who makes the data available."""

    name: Named
    address: Link | None = None
    kind: PublisherKind = "SupraNationalAuthority"


class Contact(Frozen):
    """Whom to ask about the data: an address for mail, a page, or both."""

    name: Named
    email: Address | None = None
    page: Link | None = None


class Publication(Frozen):
    """What is said of every release; of a licence nothing, where none was decided."""

    licence: Licence | None = None
    access: Literal["public", "restricted", "non-public"] = "restricted"
    publisher: Publisher
    contact: Contact
    homepage: Link | None = None
    citation: Named = "{publisher} ({year}): {title}, release {release}"
    languages: tuple[Literal["en", "fr"], ...] = Field(default=("en",), min_length=1)
    frequency: Frequency = "twice a year"
    keywords: tuple[Text, ...] = Field(min_length=1)
    themes: dict[Annotated[str, StringConstraints(pattern=r"^[A-Z]+$")], Text] = Field(default={})
    agency: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]

    @field_validator("citation")
    @classmethod
    def _of_what_is_known(cls, citation: str) -> str:
        gaps = re.findall(r"\{(.*?)\}", citation)
        if set(gaps) - set(_IN_CITATIONS) or re.search(r"[{}]", re.sub(r"\{\w+\}", "", citation)):
            raise ValueError(f"in braces may stand {', '.join(_IN_CITATIONS)}, and nothing else")
        return citation

    @field_validator("contact")
    @classmethod
    def _can_be_asked(cls, contact: Contact) -> Contact:
        if not (contact.email or contact.page):
            raise ValueError("give 'email', 'page' or both")
        return contact


def read_publication(document: Document) -> Publication:
    """Read what catalogues are told; raises ConfigError with file and line for a mistake."""
    publication = parse(document, Publication)
    if publication.access == "public" and publication.licence is None:
        text = "nothing is published as open without a licence; name one under 'licence', or say 'access: restricted'"
        raise document.mistake(("access",), text)
    return publication
