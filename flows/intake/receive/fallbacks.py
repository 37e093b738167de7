"""What takes the place of a file that was refused: the next older one of its slot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flows.core.records import JudgedFiles, ReadSubmission, Slot, Submission
from flows.intake.receive.parts import together
from flows.intake.receive.pulled import named_apart, read_as


def of(
    slots: Mapping[Slot, Sequence[Submission]],
    reads: Sequence[ReadSubmission],
    judged: JudgedFiles,
    accepted: Sequence[Submission],
) -> list[Submission]:
    """Return, for each slot whose files read so far were all refused, the next older one that was sent.

    So it is for a part of which every file was refused. After those of the inbox come those that were accepted before.
    """
    found = []
    for slot, submissions in slots.items():
        tried = [one.submission for one in reads if (one.submission.source, one.submission.mission) == slot]
        used = {submission.part for submission in tried if submission.file not in judged.refused}
        seen = {read_as(submission) for submission in tried}
        before = [one for one in accepted if (one.source, one.mission) == slot]
        older = [submission for submission in (*submissions, *before) if read_as(submission) not in seen]
        if used:
            refused = dict.fromkeys(submission.part for submission in tried if submission.part not in used)
            own = [[one for one in older if one.part == part] for part in refused if part is not None]
            following = [one for of_part in own for one in of_part[:1]] if None not in used else []
        else:
            following = together(older)
        found += [named_apart(one, {submission.file for submission in tried}) for one in following]
    return found
