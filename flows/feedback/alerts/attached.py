"""What goes with a message: the source's own files with their findings marked, where they may be given back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

import polars as pl

from config import Config, Cycle
from expectations.severity import to_mend
from flows.core.records import LastRefresh
from flows.core.within import FILE_S, TookTooLong, within
from flows.feedback.alerts.kept import last_rows, raw_path
from flows.feedback.alerts.mail import Attachments
from flows.feedback.alerts.notice import Notice
from flows.feedback.alerts.personal import NotRemovable, StandsElsewhere, has_personal, without_personal
from flows.intake.read import limits
from flows.stores import Store, checked

# of what is said of several files the first that holds for one of them
_SAYS = ("attached_without_names", "attached", "attached_list")
# a file that may be somebody else's is not given to whom it was filed under
_SOMEBODY_ELSES = ("mission_is_the_folders", "file_is_of_this_source")


@dataclass(frozen=True)
class Attached:
    """Files to attach, and the text (of `letters`) that tells of it; None where there is nothing to attach."""

    files: Attachments = ()
    says: str | None = None


def attached(notice: Notice, last: LastRefresh, config: Config, cycle: Cycle, private: Store) -> Attached:
    """Return the files of a notice that have findings, marked, without personal data; where none came, the template."""
    standing, most = notice.standing, config.alerts.attach_at_most_mb * 1_000_000
    if standing.judged.is_empty():
        own = template_of(notice, config, cycle, private)
        return Attached((own,), "attached_template") if len(own[1]) <= most else Attached()
    files, says = [], set[str]()
    for file, sha256 in standing.judged.unique("file", keep="first", maintain_order=True)["file", "sha256"].iter_rows():
        found = last.findings.filter(
            pl.col("source") == standing.source,
            pl.col("file") == file,
            pl.col("waived").is_null(),
            to_mend(),
        )
        if found.is_empty():
            continue
        if found["rule"].is_in(_SOMEBODY_ELSES).any():
            return Attached()
        try:
            with within(FILE_S * limits.times(), "Marking a file"):
                marked, how = _marked(file, sha256, found, notice, config, private)
        except StandsElsewhere:
            return Attached(says="not_attached_names")
        except (NotRemovable, TookTooLong):
            return Attached(says="not_attached")
        files.append(marked)
        says.add(how)
    if sum(len(data) for _, data in files) > most:
        return Attached(says="not_attached")
    return Attached(tuple(files), next((one for one in _SAYS if one in says), None))


def _marked(
    file: str, sha256: str, found: pl.DataFrame, notice: Notice, config: Config, private: Store
) -> tuple[tuple[str, bytes], str]:
    from flows.feedback.marked_copy import annotate, marked, marked_name

    contract, name = config.contract(notice.standing.source), PurePosixPath(file).name
    data = checked.read(private, raw_path(private, contract.source, sha256, name), sha256, checked.RECEIVED_AGAIN)
    made = marked(data, name, found, contract, config, notice.language)
    workbook, says = made.workbook, "attached" if made.cells else "attached_list"
    if has_personal(contract):
        workbook, left_out = without_personal(workbook, contract, config)
        if left_out:
            says = "attached_without_names"
            copy = annotate(data, name, found, contract, config, notice.language, whole=False)
            workbook, _ = without_personal(copy, contract, config)
    return (marked_name(name, notice.language), workbook), says


def template_of(notice: Notice, config: Config, cycle: Cycle, private: Store) -> tuple[str, bytes]:
    """Return the template that a source, or mission, is to fill in, with a name for it."""
    from flows.feedback.template import template

    standing, language = notice.standing, notice.language
    contract = config.contract(standing.source)
    title = f"{standing.mission or contract.title.text(language)} A4P+ cycle {cycle.number}"
    last = last_rows(contract, standing.mission, cycle, config, private)
    return f"{title}.xlsx", template(contract, config, cycle, standing.mission, language, last)
