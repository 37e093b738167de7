"""Word files made by hand, as other programs write them: a body in WordprocessingML, with notes, headers and styles."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SPACES = (
    f'xmlns:w="{MAIN}" xmlns:r="{_OFFICE}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
_KINDS = {
    "footnotes": "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
    "endnotes": "application/vnd.openxmlformats-officedocument.wordprocessingml.endnotes+xml",
    "header": "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml",
    "footer": "application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml",
    "styles": "application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml",
    "comments": "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml",
}
_W = f"{{{MAIN}}}"
_SHOWN = {"tab": "\t", "br": " ", "noBreakHyphen": "-", "sym": "↑"}
_ROOTS = {"header": "hdr", "footer": "ftr"}
STYLES = (
    '<w:style w:type="paragraph" w:styleId="Titre1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Mine"><w:name w:val="Mine"/><w:basedOn w:val="Titre1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Legende"><w:name w:val="caption"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="TM1"><w:name w:val="toc 1"/></w:style>'
)


def docx(body: str, more: Mapping[str, bytes] | None = None, **parts: str) -> bytes:
    """Return a .docx with this body; `parts` are those of _KINDS, `more` are further files in it."""
    kinds = {"styles": STYLES, **parts}
    types = "".join(f'<Override PartName="/word/{kind}.xml" ContentType="{_KINDS[kind]}"/>' for kind in kinds)
    rels = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{kind}.xml"/>'
        for number, kind in enumerate(kinds, 1)
    )
    refers = "".join(
        f'<w:{kind}Reference w:type="default" r:id="rId{number}"/>'
        for number, kind in enumerate(kinds, 1)
        if kind in _ROOTS
    )
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    package = "http://schemas.openxmlformats.org/package/2006"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:document {_SPACES}>'
        f"<w:body>{body}<w:sectPr>{refers}</w:sectPr></w:body></w:document>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{package}/relationships">{rels}</Relationships>',
    }
    for kind, inner in kinds.items():
        root = _ROOTS.get(kind, kind)
        files[f"word/{kind}.xml"] = f"<w:{root} {_SPACES}>{inner}</w:{root}>"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, said in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 5, 1, 12, 0, 0)), said.encode(), zipfile.ZIP_DEFLATED)
        for name, data in (more or {}).items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 5, 1, 12, 0, 0)), data)
    return buffer.getvalue()


def run(text: str, properties: str = "") -> str:
    """Return a run with a text, whose blanks are kept."""
    set_as = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{set_as}<w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*inner: str, style: str = "") -> str:
    """Return a paragraph; what is no markup becomes a run."""
    said = "".join(one if one.startswith("<") else run(one) for one in inner)
    return f'<w:p>{f"""<w:pPr><w:pStyle w:val="{style}"/></w:pPr>""" if style else ""}{said}</w:p>'


def table(*rows: tuple[str, ...]) -> str:
    """Return a table of texts or, where they are markup, of what is in its cells."""
    lines = (
        "".join(f"<w:tc>{cell if cell.startswith('<w:') else paragraph(cell)}</w:tc>" for cell in row) for row in rows
    )
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(f'<w:tr>{line}</w:tr>' for line in lines)}</w:tbl>"


def text_box(inner: str) -> str:
    """Return a run with a text box, in the two forms that Word writes."""
    held = f"<w:txbxContent>{inner}</w:txbxContent>"
    return (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor distT="0" distB="0" distL="0" '
        'distR="0" simplePos="0" relativeHeight="2" behindDoc="0" locked="0" layoutInCell="1" allowOverlap="1">'
        '<wp:simplePos x="0" y="0"/><wp:positionH relativeFrom="column"><wp:posOffset>0</wp:posOffset></wp:positionH>'
        '<wp:positionV relativeFrom="paragraph"><wp:posOffset>0</wp:posOffset></wp:positionV>'
        '<wp:extent cx="3000000" cy="900000"/><wp:wrapSquare wrapText="bothSides"/><wp:docPr id="1" name="Box"/>'
        '<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp>'
        '<wps:cNvSpPr txBox="1"/><wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="3000000" cy="900000"/></a:xfrm>'
        f'<a:prstGeom prst="rect"/></wps:spPr><wps:txbx>{held}</wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData>'
        '</a:graphic></wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape style="width:200pt;height:70pt">'
        f"<v:textbox>{held}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def rich() -> bytes:
    """Return a .docx with all that word processors put between the letters of a report."""
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> SEQ Table 99 </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + run("1") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    superscript, mark = '<w:vertAlign w:val="superscript"/>', '<w:bookmarkStart w:id="7" w:name="x"/>'
    signs = (
        "<w:r><w:t>; 5</w:t><w:noBreakHyphen/><w:t>6</w:t><w:tab/><w:t>7</w:t><w:br/>"
        '<w:t xml:space="preserve">8 &#57;0</w:t></w:r>'
    )
    control = f'<w:sdt><w:sdtPr><w:tag w:val="block"/></w:sdtPr><w:sdtContent>{paragraph("in a control 21")}'
    nested = table(("in", "44")) + paragraph("out 45")
    body = [
        paragraph("Contents", style="TM1"),
        paragraph("Priority 3", style="Mine"),
        paragraph(
            *(
                "Missions held ",
                run("9", "<w:b/>"),
                '<w:proofErr w:type="spellStart"/>',
                mark,
                run("14", "<w:b/><w:i/>"),
            ),
            *('<w:r><w:footnoteReference w:id="2"/></w:r>', " trainings &amp; more, up from "),
            '<w:del w:id="1" w:author="x"><w:r><w:delText>400</w:delText></w:r></w:del>',
            *('<w:ins w:id="2" w:author="x">', run("5"), "</w:ins>", run("11"), '<w:bookmarkEnd w:id="7"/>', "."),
        ),
        paragraph(
            *('<w:moveFrom w:id="3" w:author="x">', run("gone 77 "), "</w:moveFrom>"),
            *(
                '<w:hyperlink w:anchor="x">',
                run("460k"),
                "</w:hyperlink>",
                run(" people"),
                run("4", superscript),
                signs,
            ),
            *('<w:smartTag w:element="x">', run("; 12"), "</w:smartTag>", run("secret 5", "<w:vanish/>")),
            *('<w:r><w:sym w:font="Wingdings" w:char="F0E1"/></w:r>', run("from 3")),
        ),
        paragraph("Table ", field, ": trainings", style="Legende"),
        table(("", "# trainings"), ("Medical", paragraph("8") + paragraph("(up from 4)")), ("Nested", nested)),
        f"{control}</w:sdtContent></w:sdt>",
        paragraph("Before the box 31 ", text_box(paragraph("boxed 32") + table(("a", "33"))), " behind it 34"),
        paragraph(
            *("<m:oMath><m:r><m:t>x=35</m:t></m:r></m:oMath>", " neuf missions, 12\u00a0000 km"),
            '<w:r><w:endnoteReference w:id="2"/></w:r>',
        ),
    ]
    separator = '<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    return docx(
        "".join(body),
        {"word/media/image1.png": b"\x89PNG not looked at", "docProps/custom.bin": bytes(range(256))},
        footnotes=separator
        + f'<w:footnote w:id="2">{paragraph("<w:r><w:footnoteRef/></w:r>", " Note with 51")}</w:footnote>',
        endnotes=f'<w:endnote w:id="2">{paragraph("Last note 52")}</w:endnote>',
        header=paragraph("Draft of 61 May"),
        footer=paragraph("Page 62"),
    )


def covered(content: bytes) -> dict[str, str]:
    """Return the letters that each comment of a .docx covers, by what it says, as a reader of its own finds them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        said = {
            comment.get(_W + "id"): "".join(one.text or "" for one in comment.iter(_W + "t"))
            for comment in ElementTree.fromstring(archive.read("word/comments.xml"))
        }
        open_now: dict[str, list[str]] = {}
        found = {}
        for name in archive.namelist():
            if name.startswith("word/") and name.endswith(".xml") and name != "word/comments.xml":
                for kind, value in _letters(ElementTree.fromstring(archive.read(name))):
                    if kind == "start":
                        open_now[value] = []
                    elif kind == "end":
                        found[said[value]] = "".join(open_now.pop(value))
                    else:
                        for letters in open_now.values():
                            letters.append(value)
    assert not open_now
    return found


def _letters(element: ElementTree.Element) -> Iterator[tuple[str, str]]:
    local = element.tag.rpartition("}")[2]
    if local in ("del", "moveFrom", "Fallback") or element.find(f"{_W}rPr/{_W}vanish") is not None:
        return
    if local in ("commentRangeStart", "commentRangeEnd"):
        yield local.removeprefix("commentRange").lower(), element.get(_W + "id") or ""
    elif local == "t":
        yield "letters", element.text or ""
    elif local in _SHOWN and element.tag.startswith(_W):
        yield "letters", _SHOWN[local]
    for inner in element:
        yield from _letters(inner)
