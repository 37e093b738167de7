"""The page of a draft that was held against a release: everything is told without colour, and nothing is fetched."""

from __future__ import annotations

import base64
import hashlib
import re

from flows.documents.drafts.page import VERDICTS, page
from flows.documents.drafts.passages import Draft, Remark
from flows.documents.drafts.read import read

TEXT = """Priority 3

TRAINING

Missions held <b>914</b> trainings, up from 511; 9 & more.

| | # |
|---|---|
| Medical | 8 (up from 4) |
"""


def draft() -> Draft:
    return read("a.txt", TEXT.encode())


def remarks(of: Draft) -> list[Remark]:
    every = [(one.number, at.start(), at.end(), at[0]) for one in of.passages for at in re.finditer(r"\d+", one.text)]
    verdicts = ["not a figure", "contradicts", "stale", "suppressed", "unsure", "rounded equal"]
    return [
        Remark(number, start, end, f"<r002> has {text}0 & no {text}.", verdict)
        for (number, start, end, text), verdict in zip(every, verdicts, strict=True)
    ]


def test_every_number_is_told_by_its_sign_and_words_with_its_remark() -> None:
    of = draft()
    html = page(of, remarks(of), "Proof of a.txt", [("Held against", "release r002 of cycle 5")])
    shown = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    for remark in remarks(of):
        verdict = VERDICTS[remark.colour]
        number = of.passages[remark.passage].text[remark.start : remark.end]
        tip = f"<strong>{verdict.label}.</strong> &lt;r002&gt; has {number}0 &amp; no {number}."
        assert tip in shown
        if verdict.sign:
            assert f'{number}<span class="sign" aria-hidden="true">{verdict.sign}</span>' in shown
    assert "Of 6 numbers 3 are not to be printed so, 1 is unsure; 1 is right" in shown
    assert "4 numbers to look at, in the order of the draft" in shown
    # what asks for a look leads to its place
    assert set(re.findall(r'href="#(n\d+)"', shown)) <= set(re.findall(r'id="(n\d+)"', shown))
    # a draft brings no markup of its own
    assert "&lt;b&gt;" in shown
    assert "<td>Medical</td>" in shown


def test_the_page_lets_nothing_in_and_is_the_same_for_the_same_draft() -> None:
    of = draft()
    html = page(of, remarks(of))
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in html
    assert not re.search(r"<script|style=|https?://|\son\w+=", html.replace(style[0], ""))
    assert page(draft(), remarks(of)) == html


def test_where_nothing_is_wrong_it_says_so() -> None:
    of = draft()
    html = page(of, [Remark(2, 17, 20, "as in r002", "equal")])
    assert "Of 1 numbers no number is wrong; 1 is right" in html
    assert "Nothing: no number contradicts the release" in html


def test_of_two_remarks_on_the_same_letters_the_one_that_asks_for_a_look_is_shown() -> None:
    of = draft()
    html = page(of, [Remark(2, 17, 20, "first", "equal"), Remark(2, 17, 20, "second", "contradicts")])
    assert "second" in html
    assert "first" not in re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
