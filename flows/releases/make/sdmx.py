"""The figures of a release for statistical tools: SDMX-CSV 2.0, and their structure as SDMX-ML 3.0. Pure.

The structure holds what the configuration says, whatever numbers a release has. Each part of it has a version made of
its content alone: 1, how many entries it has, and a check number of what is in them. So what does not change keeps its
version, in every release of every cycle, and what changes never has one that was used for something else.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from xml.etree import ElementTree

import polars as pl

from config import Config, Cycle, Label
from flows.releases.make.table_files import csv
from transforms.dictionary import FieldEntry, TableEntry

DATA, STRUCTURE = "sdmx/figures-sdmx.csv", "sdmx/figures-structure.xml"
# the day on which the structure was drawn up; that of a release would make it another file each time
_PREPARED = "2026-11-30T00:00:00Z"
_MESSAGE, _COMMON, _STRUCTURE = (
    f"http://www.sdmx.org/resources/sdmxml/schemas/v3_0/{part}" for part in ("message", "common", "structure")
)
_URN = "urn:sdmx:org.sdmx.infomodel"
_TIME = "TIME_PERIOD"
_VALUE = "value"
# what SDMX allows in no code
_NO_CODE = r"[^A-Za-z0-9_@$-]"
# columns that SDMX has a name of its own for; the others are called as they are
_NAMES = {_VALUE: "OBS_VALUE", "unit": "UNIT_MEASURE"}
_ALWAYS_GIVEN = frozenset({"cycle", "obs_status"})
_LISTS = {
    "figure": "CL_FIGURE",
    "mission": "CL_MISSION",
    "unit": "CL_UNIT",
    "obs_status": "CL_OBS_STATUS",
    "previous_status": "CL_OBS_STATUS",
    "window": "CL_WINDOW",
}
_STATUSES = {
    "A": Label(en="Normal value", fr="Valeur normale"),
    "L": Label(
        en="Missing value; it exists and was not collected", fr="Valeur manquante : elle existe, non recueillie"
    ),
    "M": Label(en="Missing value; it cannot exist", fr="Valeur manquante : elle ne peut exister"),
    "O": Label(en="Missing value", fr="Valeur manquante"),
    "P": Label(en="Provisional value", fr="Valeur provisoire"),
    "Q": Label(en="Missing value; suppressed", fr="Valeur manquante : supprimée"),
    "V": Label(en="Unvalidated value", fr="Valeur non validée"),
}
_WINDOWS = {
    "cycle": Label(en="A reporting cycle", fr="Un cycle d'établissement de rapports"),
    "since": Label(en="Since a day", fr="Depuis une date"),
    "snapshot": Label(en="All that there is on a day", fr="Tout ce qui existe à une date"),
    "year": Label(en="A calendar year", fr="Une année civile"),
}
_OF_LISTS = {
    "CL_FIGURE": Label(en="Figures of the A4P+ report", fr="Chiffres du rapport A4P+"),
    "CL_MISSION": Label(en="United Nations missions", fr="Missions des Nations Unies"),
    "CL_UNIT": Label(en="Units of the figures", fr="Unités des chiffres"),
    "CL_OBS_STATUS": Label(en="Observation statuses", fr="Statuts d'observation"),
    "CL_WINDOW": Label(en="What a figure counts", fr="Ce que compte un chiffre"),
}
_TITLE = Label(en="Figures of the A4P+ report", fr="Chiffres du rapport A4P+")
_ALL = Label(en="The whole of peacekeeping", fr="L'ensemble du maintien de la paix")


@dataclass(frozen=True)
class _List:
    """A list of codes, each with its name."""

    name: str
    codes: Mapping[str, Label]

    @property
    def version(self) -> str:
        return _version(*(f"{code}={label.en}={label.fr}" for code, label in self.codes.items()))


@dataclass(frozen=True)
class _Component:
    """A column of the figures as SDMX has it: its codes are those of a list, or it has a kind of values."""

    name: str
    column: str
    entry: FieldEntry
    codes: _List | None
    kind: str

    @property
    def said(self) -> str:
        codes = f"{self.codes.name}({self.codes.version})" if self.codes else ""
        return f"{self.name}={self.entry.description}={codes or self.kind}"


def of_release(figures: pl.DataFrame, entry: TableEntry, config: Config, cycle: Cycle) -> dict[str, bytes]:
    """Return the figures and their structure as files of a release.

    In: the table `figures` and its entry in the data dictionary; the configuration, of whose figures and missions the
    codes are. What SDMX allows in no code, such as a space, is written as `_`; a text that a spreadsheet would run
    has an apostrophe before it.
    """
    lists = _lists(figures, config, cycle)
    components = [_component(name, kind, entry, lists) for name, kind in figures.schema.items()]
    concepts = _version(*(f"{name}={description}" for name, description in _concepts(components)))
    dimensions = [
        component for component in components if component.column in entry.key and component.column != "cycle"
    ]
    structure = _version(_TIME, *(f"{one.said}{'=key' if one in dimensions else ''}" for one in components))
    agency = config.publication.agency
    flow = f"{agency}:FIGURES({structure})"
    return {
        DATA: _data(figures, components, flow, cycle),
        STRUCTURE: _structure(agency, lists, components, dimensions, concepts, structure),
    }


def _version(*said: str) -> str:
    digest = hashlib.sha256("\n".join(said).encode()).hexdigest()
    return f"1.{len(said)}.{int(digest[:7], 16)}"


def _lists(figures: pl.DataFrame, config: Config, cycle: Cycle) -> dict[str, _List]:
    """Return the lists of codes: all that the configuration has, and what the figures have beside it."""
    year = str(cycle.last_calendar_year)
    titles = {name.replace("{year}", year): _in_any_year(one.title) for name, one in config.figures.items()}
    missions = {name: Label(en=mission.name) for name, mission in config.missions.items()}
    units = {one.unit for one in config.figures.values()}
    every: dict[str, dict[str, Label]] = {
        "CL_FIGURE": {**_as_they_are(figures["figure"]), **titles},
        "CL_MISSION": {**_as_they_are(figures["mission"]), **missions, "ALL": _ALL},
        "CL_UNIT": _as_they_are([*units, *figures["unit"].drop_nulls()]),
        "CL_OBS_STATUS": _STATUSES,
        "CL_WINDOW": _WINDOWS,
    }
    return {name: _List(name, {_code(code): codes[code] for code in sorted(codes)}) for name, codes in every.items()}


def _as_they_are(words: Iterable[str]) -> dict[str, Label]:
    return {word: Label(en=word) for word in words}


def _in_any_year(title: Label) -> Label:
    """Return a title without its year, of which the code says nothing."""
    texts = {language: re.sub(r"[\s,]*(\b(in|en|of|de) )?\{year\}", "", text) for language, text in title if text}
    return title.model_copy(update=texts)


def _code(word: str) -> str:
    return re.sub(_NO_CODE, "_", word)


def _component(column: str, kind: pl.DataType, entry: TableEntry, lists: Mapping[str, _List]) -> _Component:
    name = _NAMES.get(column, column.upper())
    codes = lists[_LISTS[column]] if column in _LISTS else None
    return _Component(name, column, entry.fields[column], codes, _kind(kind))


def _kind(kind: pl.DataType) -> str:
    if kind.is_integer():
        return "Long"
    if kind.is_numeric():
        return "Double"
    return {pl.Date: "GregorianDay", pl.Boolean: "Boolean"}.get(type(kind), "String")


def _data(figures: pl.DataFrame, components: Sequence[_Component], flow: str, cycle: Cycle) -> bytes:
    coded = [one.column for one in components if one.codes]
    table = figures.with_columns(pl.col(coded).str.replace_all(_NO_CODE, "_"))
    head = {"STRUCTURE": "dataflow", "STRUCTURE_ID": flow, "ACTION": "I", _TIME: _period(cycle)}
    return csv(
        table.select(
            *(pl.lit(text).alias(name) for name, text in head.items()),
            *(pl.col(one.column).alias(one.name) for one in components),
        ),
        for_programs=True,
    )


def _period(cycle: Cycle) -> str:
    """Return a cycle as SDMX has a time of any length: its first day, and how long it is."""
    after = cycle.end + timedelta(days=1)
    months = (after.year - cycle.start.year) * 12 + after.month - cycle.start.month
    return f"{cycle.start}/P{months}M" if after.day == cycle.start.day else f"{cycle.start}/P{cycle.days}D"


def _structure(
    agency: str,
    lists: Mapping[str, _List],
    components: Sequence[_Component],
    dimensions: Sequence[_Component],
    concepts: str,
    version: str,
) -> bytes:
    top = ElementTree.Element(_in(_MESSAGE, "Structure"))
    header = _add(top, _MESSAGE, "Header")
    for name, text in (("ID", "FIGURES"), ("Test", "false"), ("Prepared", _PREPARED)):
        _add(header, _MESSAGE, name).text = text
    _add(header, _MESSAGE, "Sender", id=agency)
    structures = _add(top, _MESSAGE, "Structures")
    _codelists(_add(structures, _STRUCTURE, "Codelists"), lists, agency)
    scheme = _named(
        _add(structures, _STRUCTURE, "ConceptSchemes"), "ConceptScheme", "CS_FIGURES", agency, concepts, _TITLE
    )
    for name, description in _concepts(components):
        concept = _add(scheme, _STRUCTURE, "Concept", id=name)
        _text(concept, "Name", Label(en=name.replace("_", " ").capitalize()))
        _text(concept, "Description", Label(en=description))
    flow = _named(_add(structures, _STRUCTURE, "Dataflows"), "Dataflow", "FIGURES", agency, version, _TITLE)
    _add(flow, _STRUCTURE, "Structure").text = f"{_URN}.datastructure.DataStructure={agency}:DSD_FIGURES({version})"
    definition = _named(
        _add(structures, _STRUCTURE, "DataStructures"), "DataStructure", "DSD_FIGURES", agency, version, _TITLE
    )
    scheme_of = f"{_URN}.conceptscheme.Concept={agency}:CS_FIGURES({concepts})"
    _components(_add(definition, _STRUCTURE, "DataStructureComponents"), components, dimensions, scheme_of, agency)
    for prefix, namespace in (("mes", _MESSAGE), ("com", _COMMON), ("str", _STRUCTURE)):
        ElementTree.register_namespace(prefix, namespace)
    ElementTree.indent(top)
    return bytes(ElementTree.tostring(top, "UTF-8", xml_declaration=True)) + b"\n"


def _codelists(parent: ElementTree.Element, lists: Mapping[str, _List], agency: str) -> None:
    for one in lists.values():
        listed = _named(parent, "Codelist", one.name, agency, one.version, _OF_LISTS[one.name])
        for code, label in one.codes.items():
            _text(_add(listed, _STRUCTURE, "Code", id=code), "Name", label)


def _concepts(components: Sequence[_Component]) -> list[tuple[str, str]]:
    time = (_TIME, "The reporting cycle: its first day and how long it is.")
    return [time, *((one.name, one.entry.description) for one in components)]


def _components(
    parent: ElementTree.Element,
    components: Sequence[_Component],
    dimensions: Sequence[_Component],
    scheme: str,
    agency: str,
) -> None:
    listed = _add(parent, _STRUCTURE, "DimensionList", id="DimensionDescriptor")
    for number, one in enumerate(dimensions, start=1):
        _represented(_add(listed, _STRUCTURE, "Dimension", id=one.name, position=str(number)), one, scheme, agency)
    time = _add(listed, _STRUCTURE, "TimeDimension", id=_TIME)
    _add(time, _STRUCTURE, "ConceptIdentity").text = f"{scheme}.{_TIME}"
    local = _add(time, _STRUCTURE, "LocalRepresentation")
    _add(local, _STRUCTURE, "TextFormat", textType="ObservationalTimePeriod")
    attributes = _add(parent, _STRUCTURE, "AttributeList", id="AttributeDescriptor")
    measures = _add(parent, _STRUCTURE, "MeasureList", id="MeasureDescriptor")
    for one in components:
        if one.column == _VALUE:
            _represented(_add(measures, _STRUCTURE, "Measure", id=one.name), one, scheme, agency)
        elif one not in dimensions:
            usage = "mandatory" if one.column in _ALWAYS_GIVEN else "optional"
            attribute = _add(attributes, _STRUCTURE, "Attribute", id=one.name, usage=usage)
            _represented(attribute, one, scheme, agency)
            _add(_add(attribute, _STRUCTURE, "AttributeRelationship"), _STRUCTURE, "Observation")


def _represented(parent: ElementTree.Element, one: _Component, scheme: str, agency: str) -> None:
    """Say which concept a component is of, and what its values are."""
    _add(parent, _STRUCTURE, "ConceptIdentity").text = f"{scheme}.{one.name}"
    local = _add(parent, _STRUCTURE, "LocalRepresentation")
    if one.codes:
        urn = f"{_URN}.codelist.Codelist={agency}:{one.codes.name}({one.codes.version})"
        _add(local, _STRUCTURE, "Enumeration").text = urn
    else:
        _add(local, _STRUCTURE, "TextFormat", textType=one.kind)


def _named(
    parent: ElementTree.Element, tag: str, name: str, agency: str, version: str, title: Label
) -> ElementTree.Element:
    """Add what an agency maintains: with a version, and a name in each language."""
    artefact = _add(parent, _STRUCTURE, tag, id=name, agencyID=agency, version=version)
    _text(artefact, "Name", title)
    return artefact


def _text(parent: ElementTree.Element, tag: str, label: Label) -> None:
    for language, text in (("en", label.en), ("fr", label.fr)):
        if text:
            element = _add(parent, _COMMON, tag)
            element.set("{http://www.w3.org/XML/1998/namespace}lang", language)
            element.text = text


def _add(parent: ElementTree.Element, namespace: str, tag: str, **attributes: str) -> ElementTree.Element:
    return ElementTree.SubElement(parent, _in(namespace, tag), attributes)


def _in(namespace: str, tag: str) -> str:
    return f"{{{namespace}}}{tag}"
