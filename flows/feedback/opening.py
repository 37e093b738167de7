"""Opening a cycle: every template of it, with the values accepted last beside the cells, and the invitations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config import Config, Cycle, by_its_config
from flows.feedback import template
from flows.feedback.alerts import sending
from flows.feedback.alerts.attached import template_of
from flows.feedback.alerts.notice import invitations
from flows.stores import Store, for_people


@dataclass(frozen=True)
class Opened:
    """What was written: templates as the inbox has its folders, and invitations as drafts of mails."""

    templates: tuple[Path, ...]
    invitations: tuple[Path, ...]


@by_its_config
def write(folder: Path, cycle: Cycle, private: Store, config: Config, now: datetime) -> Opened:
    """Write the templates and invitations of a cycle into a folder, which is made where it is not there.

    An invitation is written for each source, and mission, that was not told anything of the cycle yet.
    Raises ConfigError where another file stands in place of a template: it may be filled in.
    """
    templates = []
    for notice in invitations({}, config, cycle):
        name, workbook = template_of(notice, config, cycle, private)
        at = folder / notice.slot / name
        at.parent.mkdir(parents=True, exist_ok=True)
        template.write(at, workbook)
        templates.append(at)
    drafts = []
    for message in sending.invitations(cycle, private, config):
        at = folder / "invitations" / f"{message.notice.slot.replace('/', '-')}.eml"
        at.parent.mkdir(parents=True, exist_ok=True)
        for_people.write(at, sending.draft(message, config, now))
        drafts.append(at)
    return Opened(tuple(templates), tuple(drafts))
