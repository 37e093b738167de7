"""A hundred files that mean harm, of different kinds and sizes, each with the rule that must refuse it.

python -m tests.support.hostile FOLDER   checks what stands there; prints seconds, memory and rules of each as JSON
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import random
import re
import socket
import struct
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

MB = 1_000_000
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET, STRINGS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
HEADER = "casualty_id,incident_date,mission,type_of_casualty,cause,nationality,m49_code,iso_alpha3,last_update"
ROW = "UNIFIL-2024-01-0001,2024-01-15,UNIFIL,Fatality,Illness,Namibia,516,NAM,2024-05-01"
SEED = 4


@dataclass(frozen=True)
class Hostile:
    """A file of casualties: its name, the rule that refuses it, and what writes it."""

    name: str
    rule: str
    write: Callable[[Path], object]


@dataclass(frozen=True)
class Part:
    """A part of an archive as it is written, true or not: what it claims of itself may differ from what it is."""

    name: str
    packed: bytes
    size: int
    method: int = zipfile.ZIP_DEFLATED
    flags: int = 0
    crc: int = 0
    at: int | None = None


def part(name: str, data: bytes | str) -> Part:
    data = data.encode() if isinstance(data, str) else data
    packing = zlib.compressobj(6, zlib.DEFLATED, -15)
    return Part(name, packing.compress(data) + packing.flush(), len(data), crc=zlib.crc32(data))


def repeated(name: str, begin: bytes, block: bytes, times: int, end: bytes = b"") -> Part:
    """A part that holds a block many times, packed without being held."""
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packing.compress(begin) + packing.flush(zlib.Z_FULL_FLUSH)
    once = packing.compress(block) + packing.flush(zlib.Z_FULL_FLUSH)
    rest = packing.compress(end) + packing.flush()
    return Part(name, packed + once * times + rest, len(begin) + len(block) * times + len(end))


def archive(*parts: Part, comment: bytes = b"", before_end: bytes = b"") -> bytes:
    body, listed = bytearray(), bytearray()
    for one in parts:
        name = one.name.encode()
        said = struct.pack(
            "<HHHHHIIIHH", 20, one.flags | 0x800, one.method, 0, 33, one.crc, len(one.packed), one.size, len(name), 0
        )
        at = len(body) if one.at is None else one.at
        if one.at is None:
            body += b"PK\x03\x04" + said + name + one.packed
        listed += b"PK\x01\x02" + struct.pack("<H", 20) + said + struct.pack("<HHHII", 0, 0, 0, 0, at) + name
    end = struct.pack("<HHHHIIH", 0, 0, *2 * [min(len(parts), 0xFFFF)], len(listed), len(body), len(comment))
    return bytes(body + listed) + before_end + b"PK\x05\x06" + end + comment


def cells(rows: str) -> str:
    return f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def text_rows(*lines: str) -> str:
    """Rows of text cells that say where they stand."""
    said = []
    for number, line in enumerate(lines, start=1):
        inside = "".join(
            f'<c r="{chr(65 + at)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
            for at, cell in enumerate(line.split(","))
        )
        said.append(f'<row r="{number}">{inside}</row>')
    return "".join(said)


CLEAN_ROWS = text_rows(HEADER, ROW)


def re_placed(rows: str) -> str:
    """The same cells, none of which says where it stands."""
    return re.sub(r' r="[A-Z]*[0-9]+"', "", rows)


def parts_of(sheet: bytes | str | Part = "", *more: Part) -> list[Part]:
    """A workbook of casualties as it should be, but for what is given."""
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    wanted = [
        part(
            "[Content_Types].xml",
            f'<Types xmlns="{types}"><Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/{BOOK}" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/{SHEET}" ContentType="{kind}.worksheet+xml"/></Types>',
        ),
        part(
            "_rels/.rels",
            f'<Relationships xmlns="{relations}">'
            f'<Relationship Id="rId1" Type="{office}/officeDocument" Target="{BOOK}"/></Relationships>',
        ),
        part(
            BOOK,
            f'<workbook xmlns="{MAIN}" xmlns:r="{office}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets>'
            "</workbook>",
        ),
        part(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{relations}"><Relationship Id="rId1" Type="{office}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        ),
        sheet if isinstance(sheet, Part) else part(SHEET, sheet or cells(CLEAN_ROWS)),
    ]
    given = {one.name for one in more}
    return [*(one for one in wanted if one.name not in given), *more]


def workbook(sheet: bytes | str | Part = "", *more: Part) -> bytes:
    return archive(*parts_of(sheet, *more))


CLEAN_BOOK = workbook()
LAUGHS = "<!DOCTYPE w [" + '<!ENTITY a0 "ha">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
) + "]>"  # fmt: skip
LIKE = {
    "width": "file_has_a_reasonable_width",
    "length": "file_has_a_reasonable_length",
    "line": "lines_have_a_reasonable_length",
    "size": "file_is_small_enough",
    "unpacks": "workbook_unpacks_to_a_reasonable_size",
    "order": "workbook_is_put_together_as_usual",
    "macros": "workbook_has_no_macros",
    "links": "workbook_has_no_links_to_other_files",
    "whole": "file_is_whole",
    "locked": "file_is_not_locked",
    "xlsx": "workbook_is_xlsx",
    "text": "file_is_text_or_workbook",
    "records": "json_is_a_list_of_records",
    "name": "file_name_is_plain",
    "link": "file_is_no_link",
}


def files(seed: int = SEED) -> list[Hostile]:
    """Return the hundred files and more; another seed gives other sizes and places."""
    chance = random.Random(seed)
    made = [*_texts(chance), *_records(chance), *_sheets(chance), *_archives(chance), *_names()]
    return [
        replace(one, name=f"{number:03} {one.name}", rule=LIKE.get(one.rule, one.rule))
        for number, one in enumerate(made)
    ]


def _of(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def _sparse(begin: bytes, size: int) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        with path.open("wb") as file:
            file.write(begin)
            file.truncate(size)

    return write


def _texts(chance: random.Random) -> Iterator[Hostile]:
    head, row = f"{HEADER}\n".encode(), f"{ROW}\n".encode()

    def csv(name: str, rule: str, data: Callable[[], bytes]) -> Hostile:
        return Hostile(f"{name}.csv", rule, lambda path: path.write_bytes(data()))

    yield Hostile("a line of 200 MB.csv", "size", _sparse(head, 200 * MB))
    yield Hostile("10 GB.csv", "size", _sparse(head, 10_000 * MB))
    yield Hostile("1 TB.xlsx", "size", _sparse(CLEAN_BOOK, 1_000_000 * MB))
    for size in (chance.randint(1_100_000, 2 * MB), 8 * MB, 45 * MB):
        yield csv(f"a line of {size}", "line", lambda size=size: head + b"x" * size)  # type: ignore[misc]
    yield csv("a long line at the end", "line", lambda: head + row * 100_000 + b"y" * 3 * MB)
    yield csv("a line without end and quotes", "line", lambda: head + b'","' * 10 * MB)
    for place in (5_000, chance.randint(10_000, MB), 20 * MB):
        yield csv(f"nul at {place}", "text", lambda place=place: (row * (place // 80 + 1))[:place] + b"\0,\n")  # type: ignore[misc]
    yield csv("nul only", "text", lambda: b"\0" * 3 * MB)
    for columns in (2_001, chance.randint(3_000, 90_000), 900_000):
        yield csv(f"{columns} columns", "width", lambda columns=columns: b"," * (columns - 1) + b"x\n" + row)  # type: ignore[misc]
    yield csv("49 million columns", "line", lambda: b"," * 49 * MB)
    yield csv("columns further down", "width", lambda: head + b"x" * 9 + b"," * 5_000 + b"x\n")
    yield csv("columns by semicolon", "width", lambda: b"a;" * 40_000 + b"\n")
    for rows in (2_000_100, 12 * MB):
        yield csv(f"{rows} rows", "length", lambda rows=rows: head + b"a,b\n" * rows)  # type: ignore[misc]
    yield csv("40 million blank lines", "length", lambda: head + b"\n" * 40 * MB)
    yield csv("carriage returns", "length", lambda: b"a\r" * 20 * MB)
    yield csv("short lines under a wide one", "length", lambda: b"x," * 1_900 + b"\n" + b"y\n" * MB)
    yield csv("a wide line under short ones", "length", lambda: head + b"y\n" * 300_000 + b"z," * 1_900 + b"\n")
    yield csv("a quote that does not close", "whole", lambda: head + b'"' + row * 300_000)
    yield csv("a cell of 45 MB", "line", lambda: head + b'"' + row * 550_000 + b'"' + b",x" * 8 + b"\n")
    yield csv("quotes in quotes", "whole", lambda: head + (b'"a"b,' * 9 + b"\n") * 50_000)
    yield csv("latin-1 at the end", "text_is_utf8", lambda: head + row * 200_000 + b"\xe9\n")
    yield csv("utf-16", "text_is_utf8", lambda: (HEADER + "\n" + (ROW + "\n") * 50_000).encode("utf-16"))
    zeros = bytes(30 * MB)
    packed = {
        "gz": gzip.compress(zeros, 9),
        "gz without nul": b"\x1f\x8b\x08\x08" + b"x" * 5_000,
        "bz2": bz2.compress(zeros),
        "xz": lzma.compress(bytes(MB)),
        "7z": b"7z\xbc\xaf\x27\x1c" + b"x" * 9_000,
        "rar": b"Rar!\x1a\x07\x01" + b"x" * 9_000,
    }
    for name, data in packed.items():
        yield Hostile(f"{name} by name.csv", "xlsx", _of(data))
    yield Hostile("workbook by name.csv", "file_is_what_its_name_says", _of(CLEAN_BOOK))


def _records(chance: random.Random) -> Iterator[Hostile]:
    def records(name: str, rule: str, data: bytes) -> Hostile:
        return Hostile(f"{name}.json", rule, _of(data))

    for depth in (chance.randint(2_000, 9_000), 100_000, 10 * MB):
        yield records(f"{depth} lists deep", "records", b"[" * depth)
    yield records("objects deep", "records", b'[{"a":' + b'{"a":' * 500_000)
    yield records("deep and closed", "records", b'[{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}]")
    yield records("empty objects", "length", b"[" + b"{}," * 9 * MB + b"{}]")
    yield records("numbers", "length", b"[" + b"1," * 20 * MB + b"1]")
    yield records("names", "length", b"[{" + b'"":1,' * 5 * MB + b'"":1}]')
    wide = {f"n{n}": n for n in range(chance.randint(2_001, 9_000))}
    yield records("many names", "width", json.dumps([wide]).encode())
    yield records("a name a record", "width", json.dumps([{f"n{n}": n} for n in range(150_000)]).encode())
    sparse = [{"a": 1}] * 60_000 + [{f"n{n}": 1 for n in range(1_900)}]
    yield records("many cells of few", "length", json.dumps(sparse).encode())
    yield records("a text without end", "whole", b'[{"a": "' + b"x" * 40 * MB)


def _sheets(chance: random.Random) -> Iterator[Hostile]:
    def sheet(name: str, rule: str, rows: str, begin: str = "") -> Hostile:
        return Hostile(f"{name}.xlsx", rule, _of(workbook(begin + cells(rows))))

    def far(cell: str) -> str:
        return f"{CLEAN_ROWS}<row>{cell}</row>"

    row = chance.randint(600_000, 1_048_576)
    yield sheet("the last cell of all", "width", far('<c r="XFD1048576"><v>1</v></c>'))
    yield sheet("the last row, thirty columns", "length", far(f'<c r="AD{row}"><v>1</v></c>'))
    yield sheet("two thousand columns", "length", far(f'<c r="BXW{row}"><v>1</v></c>'))
    yield sheet("a row beyond", "length", far('<c r="A99999999"><v>1</v></c>'))
    yield sheet("a reference without end", "length", far(f'<c r="{"Z" * 40}{"9" * 40}"><v>1</v></c>'))
    yield sheet("beside an attribute", "width", far('<c s="0" r="XFD1048576"><v>1</v></c>'))
    yield sheet("in small letters", "width", far('<c r="xfd1048576"><v>1</v></c>'))
    yield sheet("in other quotes", "width", far("<c r='XFD1048576'><v>1</v></c>"))
    yield sheet("over a line", "width", far('<c\n r\n=\n"XFD1048576"><v>1</v></c>'))
    yield sheet("seemingly empty", "width", far('<c x="/>" r="XFD1048576"><v>1</v></c>'))
    yield sheet("by its formula", "width", far('<c r="XFD1048576"><f>1</f></c>'))
    yield sheet("with a prefix", "width", far(f'<x:c xmlns:x="{MAIN}" r="XFD1048576"><x:v>1</x:v></x:c>'))
    unplaced = "<row>" + "<c><v>1</v></c>" * 100_000 + "</row>"
    yield sheet("cells without a place", "width", unplaced)
    yield sheet("a cell without a place", "length", far(f'<c r="ZY{row}"/><c><v>1</v></c>'))
    errors = "".join(f'<c r="{"ABCDEFGH"[n % 8]}{n // 8 + 1}" t="e"><v>#N/A</v></c>' for n in range(250_000))
    yield sheet("errors", "length", f"<row>{errors}</row>")
    several = [part(f"xl/worksheets/sheet{n}.xml", cells(far('<c r="L990000"><v>1</v></c>'))) for n in (1, 2, 3)]
    yield Hostile("sheets together.xlsx", "length", _of(archive(*parts_of(several[0], *several[1:]))))
    for name, declared in {
        "billion laughs": LAUGHS,
        "a file of the machine": '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        "a file of the network": '<!DOCTYPE w SYSTEM "http://127.0.0.1:9/w.dtd">',
        "a long text many times": f'<!DOCTYPE w [<!ENTITY x "{"x" * 900_000}">]>',
        "behind a comment": f"<!-- {'x' * 3 * MB} -->{LAUGHS}",
    }.items():
        yield sheet(f"{name}, declared", "order", CLEAN_ROWS, declared)
    for other in (STRINGS, BOOK, "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "docProps/core.xml"):
        data = f"{LAUGHS}<w>&a9;</w>"
        yield Hostile(f"laughs in {other.replace('/', ' ')}.xlsx", "order", _of(workbook("", part(other, data))))
    wide_laughs = ("\ufeff" + LAUGHS + "<w>&a9;</w>").encode("utf-16-le")
    yield Hostile("laughs in utf-16.xlsx", "order", _of(workbook("", part(STRINGS, wide_laughs))))
    yield sheet("a tag without end", "order", CLEAN_ROWS + "<c " + "x" * 4 * MB)
    yield sheet("a text without end", "order", f'<row><c r="A1" t="str"><v>{"y" * 4 * MB}</v></c></row>')


def _archives(chance: random.Random) -> Iterator[Hostile]:
    def book(name: str, rule: str, data: bytes, ending: str = "xlsx") -> Hostile:
        return Hostile(f"{name}.{ending}", rule, _of(data))

    begin, end = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode(), b"</sheetData></worksheet>"
    blank = b"<row/>" * 1_300_000
    for times in (chance.randint(2, 9), 45, 500, 2_500):
        bomb = repeated(SHEET, begin, blank, times, end)
        claimed = replace(bomb, size=min(bomb.size, 0xFFFFFFFF))
        yield book(f"{8 * times} MB of empty rows", "unpacks", workbook(claimed))
        yield book(f"{8 * times} MB that claim to be 1 kB", "unpacks", workbook(replace(bomb, size=1_000)))
    words = "".join(f"<si><t>{chance.getrandbits(90):x}{'word ' * 60}</t></si>" for _ in range(3_000)).encode()
    strings = repeated(STRINGS, f'<sst xmlns="{MAIN}">'.encode(), words, 70 * MB // len(words), b"</sst>")
    yield book("shared strings of 70 MB", "unpacks", workbook("", strings))
    strings = repeated(STRINGS, f'<sst xmlns="{MAIN}">'.encode(), words, 400 * MB // len(words), b"</sst>")
    yield book("shared strings of 400 MB", "unpacks", workbook("", strings))
    short = b"<si/>" * 20_000 + chance.randbytes(2_000).hex().encode()
    strings = repeated(STRINGS, f'<sst xmlns="{MAIN}">'.encode(), short, 400, b"</sst>")
    yield book("eight million shared strings", "length", workbook("", strings))
    rows = "".join(f"<!-- {chance.getrandbits(90):x}{'word ' * 60} -->" for _ in range(3_000)).encode()
    yield book("a sheet of 500 MB", "unpacks", workbook(repeated(SHEET, begin, rows, 500 * MB // len(rows), end)))
    yield book("pictures", "unpacks", workbook("", repeated("xl/media/image1.png", b"\x89PNG", bytes(MB), 300)))
    clean = parts_of()
    for count in (chance.randint(2_100, 9_000), 65_000, 400_000):
        yield book(f"{count} parts", "unpacks", archive(*clean, *(Part(f"x/{n}", b"", 0) for n in range(count))))
    at = sum(30 + len(one.name) + len(one.packed) for one in clean[:-1])
    over = [Part(f"x/{n}.xml", clean[-1].packed, clean[-1].size, at=at) for n in range(chance.randint(1, 300))]
    yield book("parts over each other", "order", archive(*clean, *over))
    yield book("a part in another", "order", archive(*clean, replace(over[0], at=at + 40)))
    yield book("a part twice", "order", archive(*clean, clean[-1]))
    yield book("a part twice, in capitals", "order", archive(*clean, replace(clean[-1], name=SHEET.upper())))
    for name in ("../../x.xml", "/etc/cron.d/x", "xl/../../x", "..\\..\\x.xml", "C:\\x.xml"):
        yield book(f"out by {name.replace('/', ' ').replace(chr(92), ' ')}", "order", archive(*clean, part(name, "x")))
    yield book("two lists", "whole", archive(*clean, before_end=archive(*clean)[-22:]))
    stored = Part("x.bin", CLEAN_BOOK, len(CLEAN_BOOK), zipfile.ZIP_STORED)
    yield book("a list inside a part", "order", archive(*clean, stored))
    yield book("two lists, one as a comment", "whole", archive(*clean, comment=archive(*clean)[-22:]))
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, 0, 1)
    yield book("a list of another", "whole", archive(*clean, before_end=locator))
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 93):
        yield book(f"packed by {method}", "order", archive(*clean, replace(part("x.xml", "x"), method=method)))
    yield book("macros", "macros", workbook("", part("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")))
    yield book("macros by name", "macros", CLEAN_BOOK, "xlsm")
    yield book("macro sheet", "macros", workbook("", part("xl/macrosheets/sheet1.xml", cells(""))))
    yield book("kind with macros", "macros", workbook("", part("[Content_Types].xml", "<Types>macroEnabled</Types>")))
    yield book("link", "links", workbook("", part("xl/externalLinks/externalLink1.xml", "<externalLink/>")))
    yield book("connection", "links", workbook("", part("xl/connections.xml", "<connections/>")))
    yield book("locked part", "locked", archive(*clean[:-1], replace(clean[-1], flags=1)))
    locked = "EncryptedPackage".encode("utf-16-le")
    yield book("locked", "locked", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + locked.rjust(5 * MB, b"\0"))
    for _ in range(4):
        yield book("cut off", "whole", CLEAN_BOOK[: chance.randint(30, len(CLEAN_BOOK) - 30)])
    broken = replace(clean[-1], packed=chance.randbytes(200), size=5_000)
    yield book("broken", "whole", archive(*clean[:-1], broken))
    yield book("short of what it says", "whole", archive(*clean[:-1], replace(clean[-1], size=99_999)))
    yield book("binary workbook", "xlsx", workbook("", part("xl/workbook.bin", b"\x83\x01\x00")))
    ods = '<table:table-cell table:number-columns-repeated="1000000000"/>'
    yield book("other workbook", "xlsx", workbook("", part("content.xml", ods)))
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as nested:
        nested.writestr("x", bytes(20 * MB))
    yield book("archives in an archive", "xlsx", archive(*(part(f"{n}.zip", inner.getvalue()) for n in range(16))))


def _names() -> Iterator[Hostile]:
    good = _of(f"{HEADER}\n{ROW}\n".encode())
    for name in ("x\u202evsc.exe.csv", "\x1b[2Jx.csv", "x\ny.csv", "..\\..\\x.csv", "x\x7f.csv", "x\udcff.csv"):
        yield Hostile(name, "name", good)
    yield Hostile("pipe.csv", "link", os.mkfifo)
    yield Hostile("socket.csv", "link", _socket)


def _socket(path: Path) -> None:
    here = Path.cwd()
    # the name of a socket may have a hundred characters
    os.chdir(path.parent)
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(here)


def main(folder: Path) -> None:
    """Check every file of a folder, as `a4p check` does."""
    from config import load
    from flows.feedback.check import check
    from tests.support.waiting import slower

    config = load()
    clean = folder / "clean.xlsx"
    clean.write_bytes(CLEAN_BOOK)
    first = check(clean, config, source="noticas")
    clean.unlink()
    assert not first.refused, first.findings["message"].to_list()
    held = _peak()
    slow = slower()
    said = {}
    for path in sorted(folder.iterdir()):
        _forget_peak()
        # of this process alone: what else the machine does is not the file's doing
        begun = time.process_time()
        result = check(path, config, source="noticas")
        seconds = (time.process_time() - begun) / slow
        rules = result.findings["rule"].to_list()
        said[path.name.encode("utf-8", "surrogateescape").hex()] = {
            "seconds": seconds,
            "mb": (_peak() - held) / MB,
            "rules": rules,
            "refused": result.refused,
            "file": result.file,
        }
    print(json.dumps(said))


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    """Return the most memory that this process held since it was forgotten, in bytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]))
