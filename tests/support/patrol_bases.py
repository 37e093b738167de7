"""The contract of an invented source, for tests that add one."""

from __future__ import annotations

CONTRACT = """\
source: patrol_bases
title: {en: Patrol bases, fr: Bases de patrouille}
owner: OMA
contact: [oma@example.org]
classification: unclassified
sent_by: headquarters
due_days: 30
tables:
  bases:
    one_row_is: a patrol base
    key: [base]
    columns:
      base: {type: text, required: true}
      soldiers: {type: count, required: true, at_least: 0, unit: people}
"""
