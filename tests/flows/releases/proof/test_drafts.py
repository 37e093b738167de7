"""Drafts of other making than the printed report: other words, French, numbers in words, tables; each is judged."""

from pathlib import Path

import polars as pl
import pytest

from flows.releases.proof.answers import PROVED, WRONG, Verdict
from flows.releases.proof.prove import Known, prove
from tests.support.drafts import MARKS, at, known, written

# a mark behind a number says what is to be found: = right, ! wrong, ~ out of date, * suppressed, - not in the release
ENGLISH = """
# A4P+ progress report, draft

Reporting period: 1 November 2023 to 30 April 2024

## Training

Over the reporting period, missions delivered [914=] conduct and discipline training sessions, compared with [511=]
in the previous period. UNMISS alone accounted for [190=] of these sessions, MINUSCA for [210=] and MONUSCO for
[163=].

The Triangular Partnership Programme held [19=] courses and trained [314=] people, of whom [22 per cent=] were
women. In engineering, [six=] trainings reached [110=] participants; in the medical field, [eight=] trainings
reached [85=] participants.

The Peacekeeping-Intelligence Academy trained [44=] people ([29=] uniformed and [15=] civilian personnel), down
from [87=] in the previous cycle. It offered [four=] courses. Women made up [20 per cent=] of its trainees.

## Safety and security

Since 1 January 2017, [726=] peacekeepers have lost their lives, [196=] of them as a result of malicious acts and
[399=] from illness. Illness caused [55 per cent=] of deaths and malicious acts [27 per cent=]. [One hundred=] died
in accidents.

MINUSMA recorded [103=] deaths from malicious acts, more than any other mission; MONUSCO recorded [46=] and MINUSCA
[42=].

UNMAS gave risk education to nearly [470,000=] people, among them [375,000=] in UNMISS and [81,000=] in MONUSCO. In
MONUSCO it destroyed [68,924=] items of explosive ordnance. A total of [5,265=] incidents with explosive ordnance
were recorded, up from [1,997=].

There were [19=] hospitals of level 1+ and above in [seven=] missions.

## Accountability

In 2023, [98=] allegations of sexual exploitation and abuse were reported, up from [79=] in 2022. Serious
misconduct accounted for [364=] allegations in 2023, against [315=] a year earlier.

All [27=] formed police units were evaluated twice, which makes [54=] evaluations. No unit needed improvement.
[181=] evaluations of military units were carried out, the same number as in the previous cycle.

Host states have investigated [91=] of the [110=] cases reported ([83%=]). [294=] alleged perpetrators were
identified, [203=] detained, [136=] tried and [85=] convicted.

## Cooperation

Missions recorded [206=] new SOFA violations, up from [195=]: [125=] in UNMISS, [43=] in UNIFIL, [27=] in MONUSCO,
[10=] in MINUSCA and [one=] in UNISFA. [Ten=] missions have a coordination mechanism, formal or informal, with the
host country.

| Mission | Conduct trainings | Previous cycle |
|---|---|---|
| MINUSCA | [210=] | [120=] |
| MONUSCO | [163=] | [88=] |
| UNIFIL | [136=] | [81=] |
| UNMISS | [190=] | [108=] |
| Other missions | 215 | 114 |
| Total | [914=] | [511=] |

| Indicator | Cycle 4 | Cycle 5 |
|---|---|---|
| Conduct and discipline training sessions | [511=] | [914=] |
| New SOFA incidents | [195=] | [206=] |
| Peacekeepers killed by malicious acts since 2017 | [188=] | [196=] |
| Formed police units | [27=] | [27=] |
| Share of women among heads and deputy heads of mission | [29%=] | [37%=] |
"""
FRENCH = """
# Rapport d'étape A4P+ (projet)

Période considérée : 1er novembre 2023 – 30 avril 2024

Les [onze=] opérations de maintien de la paix des Nations Unies soutiennent des solutions politiques. [Huit=]
missions disposent d'un plan de mission approuvé. [Dix=] missions ont mené une évaluation d'impact CPAS, contre
[11=] au cycle précédent.

Les missions ont organisé [914=] séances de formation à la déontologie et à la discipline, contre [511=] au cycle
précédent. La MINUSS en a organisé beaucoup.

Depuis le 1er janvier 2017, [196=] soldats de la paix ont été tués par des actes de malveillance. La maladie est la
cause de [55 %=] des décès, et les actes de malveillance de [27 %=].

Le Service de la lutte antimines a sensibilisé plus de [375 000=] personnes aux risques au Soudan du Sud. Plus de
[1,6 million=] de mètres carrés de terrain ont été restitués à Abyei.

En 2023, [98=] allégations d'exploitation et d'atteintes sexuelles et [364=] allégations de faute grave ont été
signalées.

Les [27=] unités de police constituées ont toutes été évaluées deux fois. [Cinq=] missions ont créé un groupe de
travail sur l'intégrité de l'information.

Les missions ont signalé [206=] nouveaux incidents relatifs au SOFA, dont [125=] à la MINUSS et [43=] à la FINUL.

[203=] auteurs présumés ont été détenus, [136=] jugés et [85=] condamnés.

Les chaînes numériques ont gagné [60 000=] nouveaux abonnés. Il y a [19=] hôpitaux de niveau 1+ ou supérieur dans
[sept=] missions.
"""
OTHER_WORDS = """
# Progress report

## Priority 3

During the period under review, the number of conduct and discipline training sessions nearly doubled, from [511=]
to [914=]. UNMISS conducted [190=], MINUSCA [210=].

Training reached [314=] women and men through the Triangular Partnership Programme, more than double the [143-]
reached before. Women made up [22%=] of the participants of the Programme.

Some [44=] peacekeepers were trained by the Peacekeeping-Intelligence Academy.

Women now hold [37 per cent=] of head and deputy head of mission posts. [Three=] women lead missions, and [four-]
serve as deputy heads of mission.

All contingents ([100%=]) were certified as operationally ready before deployment.

In 2023, [46%=] of MINUSCA's patrols included women, compared with [32%=] in 2022.

## Priority 4

Malicious acts have claimed the lives of [196=] peacekeepers since January 2017. More than half of all fatalities
([55%=]) were due to illness.

In UNIFIL's area, more than [5,000=] explosive ordnance incidents were reported. Risk education was given to
[81,000=] people in the Democratic Republic of the Congo.

In UNMISS, ultrasound was unavailable on [247!] days.

Of the [110=] cases of crimes against peacekeepers reported since 2013, [91=] were investigated.

[136=] alleged perpetrators were brought to trial and [85=] were convicted.

## Priority 5

A total of [98=] SEA allegations were received in 2023. The number of allegations of serious misconduct rose to
[364=] from [315=].

The [27=] FPUs underwent [54=] evaluations. In MINUSCA, [30=] evaluations of formed police units were carried out.
Military units were evaluated 181 times. There were [two=] PAET visits.

## Priority 6

UN Peacekeeping gained [60,000=] new followers. Mentions rose by [9%=] and engagement by [40%=].

[Five=] missions have an information integrity working group.

## Priority 7

There were [206=] new SOFA violations, compared to [195=] in the previous period. UNMISS had the most, with [125=].
UNMISS has [585=] unresolved SOFA incidents in total.

The Secretary-General visited 3 countries in March 2024 and met 12 ministers. The budget was $5.6 billion for
2023/24. About 70,000 peacekeepers serve in 11 missions. Security Council resolution 2719 (2023) was adopted
unanimously with 15 votes. The office has 40 staff. [Three?] peacekeepers died in an accident on 5 March 2024. In
April, [2?] peacekeepers were killed by a malicious act in Mali. UNMISS protected 30,000 civilians at 2 sites and
carried out 4,500 patrols. Two hospitals were attacked in Rafah. MINUSCA trained 120 national police officers in
human rights.
"""
TABLES = """
# Tables

Table 1. Fatalities in peacekeeping by cause, 2017–2024 (as of 3 September 2024)

| Cause | Deaths | Share |
|---|---|---|
| Illness | [399=] | [55%=] |
| Malicious acts | [196=] | [27%=] |
| Accident | [100=] | 14% |
| Total | [726=] | 100% |

Table 2. SOFA incidents

| | MINUSCA | MONUSCO | UNMISS | UNIFIL |
|---|---|---|---|---|
| New SOFA incidents | [10=] | [27=] | [125=] | [43=] |
| Total unresolved SOFA incidents | [174=] | [29=] | [585=] | n/a |

Table 3. Formed police units

| Mission | FPUs | Evaluations of FPUs |
|---|---|---|
| MINUSCA | [15=] | [30=] |
| MONUSCO | [8=] | [16=] |
| UNMISS | [4=] | [8=] |
| Total | [27=] | [54=] |

Table 4. Hospitals by mission

| Mission | Number of hospitals |
|---|---|
| MINURSO | [1=] |
| MINUSCA | [4=] |
| MONUSCO | [4=] |
| UNMISS | [5=] |

Table 5. SEA allegations by year

| Year | SEA allegations |
|---|---|
| 2021 | [75=] |
| 2022 | [79=] |
| 2023 | [98=] |

Tableau 6. Séances de formation à la déontologie et à la discipline

| Mission | Cycle 4 | Cycle 5 |
|---|---|---|
| MINUSS | [108=] | [190=] |
| MINUSCA | [120=] | [210=] |
| Total | [511=] | [914=] |

Table 7. Staff of the office

| Section | Staff |
|---|---|
| Policy | 12 |
| Data | 4 |
| Total | 16 |
"""
IN_A_ROW = """
# Draft six

Conduct and discipline training increased sharply: [914=] sessions were held, against [511=] in the last cycle.
UNMISS (190) and MINUSCA (210) held most.

The Triangular Partnership Programme (TPP) delivered [19=] trainings for [314=] trainees, [22%=] of them women.

Deaths from malicious acts reached [196=], with [103=] in MINUSMA, [46=] in MONUSCO and [42=] in MINUSCA.

UNMISS reported [125=] new SOFA incidents (previously [118=]), UNIFIL [43=] (previously [38=]).

Eight of the eleven missions have an approved mission plan. [10=] of the [11=] missions conducted a CPAS impact
assessment.

[91=] out of [110=] reported cases were investigated by host States, or [83 per cent=].

[69 per cent=] of alleged perpetrators identified were detained and [67 per cent=] of those detained were tried.

In MINUSCA, patrols with women rose from [32 per cent=] in 2022 to [46 per cent=] in 2023; MONUSCO reported [16=]
engagement teams.

By 31 August 2024, [47=] explosive ordnance incidents had been recorded in MINUSCA and [170=] in MONUSCO.

[Nineteen=] hospitals of level 1+ and above operate in [seven=] missions: [five=] in UNMISS, [four=] in MINUSCA.

The share of women among heads and deputy heads of mission rose by [eight=] percentage points to [37 per cent=].

Allegations of sexual exploitation and abuse increased by [24 per cent=], from [79=] in 2022 to [98=] in 2023.

[Five=] police-contributing countries have a recognised police course. [24 per cent=] of new senior leaders
completed the leadership programme within six months.

[364=] allegations of serious misconduct (other than SEA) were reported in 2023. UNFICYP supported [163=]
intercommunal events, [41=] of them with women's groups.
"""
# numbers that sound like figures, and are others
FOREIGN = """
# Another

The Department deployed 3 formed police units to Haiti under another mandate. UNPOL trained 250 officers. In total,
15 missions of regional organizations were supported.

Four missions closed since 2017. Two missions reported flooding. Only one mission lacks radio.

During the cycle, UNMISS received 12 new FPU members and built 4 bridges. It cleared 120 km of road from snow.
UNISFA verified [540=] km of routes as free of explosive ordnance.

At the workshop, 22 women leaders from 9 countries discussed peace. Women represented 60% of panel members. Some
45% of national staff in UNMIK are women.

UNIFIL lost 2 vehicles. MINUSCA opened 5 new bases and closed 1 hospital ward. MONUSCO treated 300 patients in its
level 3 hospital. The UNDOF hospital saw 40 patients.

The SEA hotline received 17 calls. Of 20 allegations against civilians, 12 were closed. 30% of SEA allegations
concerned minors.

The number of conduct and discipline focal points grew to 88. 5,000 peacekeepers attended conduct and discipline
training.

Explosive ordnance killed 12 civilians in Abyei. Mine action teams employ 60 women.

In South Sudan, 400 households received seeds. SOFA training was given to 45 officials. There are 11 peacekeeping
operations.

During the reporting period, perpetrators attacked 14 convoys. 7 peacekeepers drowned.

The mandate was renewed on 30 April 2024 until 30 April 2025. The Council met 14 times. The strategy covers
2018-2028 and sets 15% for contingents.

Les Casques bleus ont mené 3 200 patrouilles. Deux hôpitaux ont fermé. La mission compte 14 000 soldats. Neuf pays
ont contribué.
"""
MISTAKEN = """
# Draft chapters

Reporting period: 1 Nov 2023 – 30 April 2024

Missions held [941!] conduct and discipline trainings in the past six months, up from [511=].

Eight missions have approved mission plans. CPAS impact assessments were conducted by [eleven~] missions.

Peacekeepers still die: [188~] were killed by malicious acts between 1 January 2017 and 3 September 2024, and
[399=] died of illness.

UNMISS reported [118~] new SOFA incidents and [585=] in total. MINUSCA reported [27!] new incidents, and MONUSCO
[10!].

The share of patrols with women in MINUSCA went up from [32%=] to [64%!].

MONUSCO had [16=] engagement teams, UNMISS [14=] and UNIFIL [six=].

[3-] workshops on storytelling were held in Entebbe, with [45-] participants. The Force Commander visited [12-] bases.

In the Central African Republic, [47=] incidents with explosive ordnance were recorded: [14=] exploded, [27=] were
removed by the mission and [6=] by other actors.

MINUSCA has detained [96*] alleged perpetrators.

The Academy trained [87~] people.
"""


# written by another author, without a look at the words of proof.yaml
OF_AUTHORS = sorted((Path(__file__).parent / "drafts").glob("*.md"))


@pytest.fixture(scope="module")
def release(released: Path) -> Known:
    """The sample's release."""
    return known(released)


@pytest.mark.parametrize(
    "text",
    [ENGLISH, FRENCH, OTHER_WORDS, TABLES, IN_A_ROW, MISTAKEN, *(one.read_text("utf-8") for one in OF_AUTHORS)],
    ids=[*str.split("English French words tables row mistaken"), *(one.stem for one in OF_AUTHORS)],
)
def test_each_number(release: Known, text: str) -> None:
    """Every marked number gets the verdict of its mark, and no other one is called wrong or unsure."""
    draft, marks = written(text)
    proof = prove(draft, release)
    wrong = []
    for passage, place, said, mark in marks:
        one = at(list(proof.judged), passage, place)
        if one is None or one.verdict not in MARKS[mark]:
            wrong.append((said, mark, one and (str(one.verdict), one.quoted, one.reason)))
    assert not wrong
    marked = {(passage, place) for passage, place, _, _ in marks}
    quiet = (*PROVED, Verdict.ABSENT, Verdict.NO_FIGURE)
    more = [one for one in proof.judged if (one.passage.number, one.start) not in marked and one.verdict not in quiet]
    assert not more, [(one.quoted, one.reason) for one in more]


def test_foreign_numbers_are_not_called_wrong(release: Known) -> None:
    """What the release does not know is said to be not in it, or unsure; never wrong."""
    proof = prove(written(FOREIGN)[0], release)
    assert not proof.of(*WRONG), [(one.quoted, one.reason) for one in proof.of(*WRONG)]
    assert len(proof.of(Verdict.UNSURE)) <= 3


def test_earlier_release_is_stale(release: Known, released: Path) -> None:
    """What an earlier release of the cycle said, and the newest does not, is out of date."""
    figures = release.tables["figures"]
    is_it = (pl.col("figure") == "conduct_discipline_trainings") & (pl.col("mission") == "ALL")
    older = figures.with_columns(
        pl.when(is_it).then(900.0).otherwise(pl.col(column)).alias(column) for column in ("value", "unrounded")
    )
    draft, _ = written("Missions held 900 conduct and discipline trainings.")
    [one] = prove(draft, known(released, ("r001", older))).judged
    assert one.verdict == Verdict.STALE
    assert "r001" in one.reason


def test_day_of_another_clause(release: Known) -> None:
    """A day makes what happened on it unsure, and not what the sentence says before."""
    text = "Missions held 924 conduct and discipline trainings, and in March 2024 a new course began."
    assert [one.text for one in prove(written(text)[0], release).of(Verdict.CONTRADICTS)] == ["924"]
    text = "In March 2024, missions held 924 conduct and discipline trainings."
    assert [one.text for one in prove(written(text)[0], release).of(Verdict.UNSURE)] == ["924"]


def test_signs_of_changes(release: Known) -> None:
    """A change is as many more or fewer as it says, where it has a sign."""
    text = "| Indicator | Cycle 4 | Cycle 5 | Change |\n|---|---|---|---|\n| Engagement teams | [44=] | [52=] | {} |\n"
    for change, verdict in (("[+8=]", Verdict.EQUAL), ("[-8!]", Verdict.CONTRADICTS), ("[+9!]", Verdict.CONTRADICTS)):
        draft, marks = written(text.format(change))
        found = at(list(prove(draft, release).judged), *marks[-1][:2])
        assert found is not None
        assert found.verdict == verdict, change


def test_shares_and_parts(release: Known) -> None:
    """Shares of something else, parts that do not add up and impossible percentages are told."""
    text = (
        "85 (63%) of alleged perpetrators tried were convicted. 85 (63%) of alleged perpetrators identified were "
        "convicted.\n\n25% of the 25 guests came. A group of 12 visitors (5 from Ghana, 4 from India and 4 from "
        "Jordan) came.\n\n| Guests | People |\n|---|---|\n| Ghana | 5 |\n| India | 4 |\n| Total | 10 |\n"
    )
    proof = prove(written(text)[0], release)
    assert [one.text for one in proof.of(Verdict.CONTRADICTS)] == ["63%", "25%", "12", "10"]
    assert [one.text for one in proof.of(*PROVED)] == ["85", "63%", "85"]


def test_what_may_be_several_is_unsure(release: Known) -> None:
    """A name that can be several figures is listed with them, and not proved."""
    proof = prove(written("| Mission | SOFA incidents, new and total |\n|---|---|\n| UNMISS | 125 |\n")[0], release)
    [one] = [each for each in proof.judged if each.text == "125"]
    assert one.verdict not in (*PROVED, Verdict.CONTRADICTS)


def test_two_columns_that_came_as_one_cell(release: Known) -> None:
    """What heads a cell is said of its first number; a second one is nobody's value, and not wrong."""
    draft, marks = written(
        "# Triangular Partnership Programme\n\n|  | # trainings |\n|---|---|\n"
        "| TOTAL | [19=] (↑ from [10=]) [306-] (↑ from [143-]) |\n"
    )
    judged = list(prove(draft, release).judged)
    said = {text: at(judged, passage, place) for passage, place, text, _ in marks}
    assert {
        text: one and one.verdict in MARKS[mark] for (text, one), (*_, mark) in zip(said.items(), marks, strict=True)
    } == (dict.fromkeys(said, True))
