"""The figures of several cycles as one table: the whole before its missions, under the names of today."""

from tests.transforms.frames import CONFIG, CYCLE, figure_rows
from transforms.series import over_cycles


def test_rows_stand_by_figure_the_whole_first_then_missions_and_cycles() -> None:
    before = CONFIG.cycle(4)

    def of(number: int) -> list[tuple[object, ...]]:
        return [(number, name, mission, float(number)) for name in ("b", "a") for mission in ("UNDOF", "AAAA", "ALL")]

    released = [(CYCLE, "r002", figure_rows(of(5))), (before, "r001", figure_rows(of(4)))]
    table = over_cycles(released, CONFIG.figures)
    assert table.select("figure", "mission", "cycle", "release", "value").rows() == [
        (name, mission, cycle, release, float(cycle))
        for name in ("a", "b")
        for mission in ("ALL", "AAAA", "UNDOF")
        for cycle, release in ((4, "r001"), (5, "r002"))
    ]
