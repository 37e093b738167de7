"""Commands on files: a sample of them, a template to fill in, a check before they are sent, what they may hold."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.commands.group import CYCLE, NOT_PUBLISHED, CycleNumber, a4p
from flows.core import visible

if TYPE_CHECKING:
    from config import Language


@a4p.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--cycle",
    "number",
    type=CycleNumber(),
    default=5,
    show_default=True,
    help="Cycle to write, with the one before it.",
)
@click.option("--scale", type=click.IntRange(1), default=1, show_default=True, help="How many times the usual rows.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed gives other files.")
@click.option("--faults", is_flag=True, help="Plant faults, as sources make them, and list them beside the files.")
def sample(folder: Path, number: int, scale: int, seed: int, faults: bool) -> None:
    """Write a cycle of raw files into FOLDER, to try things on."""
    import sample as making
    from config import load
    from flows.stores import for_people

    cycle = load().cycle(number)
    with for_people.beside(folder.absolute()) as whole:
        written = making.write(whole, number, scale=scale, seed=seed)
        planted = making.plant(whole, number, seed) if faults else []
        # one that is planted as lost is not to be there from a sample before, nor is the list of that one's faults
        lost = [path for path in (*written, making.manifest(whole, cycle)) if not path.exists()]
        gone = [folder / path.relative_to(whole) for path in lost]
    for path in gone:
        path.unlink(missing_ok=True)
    visible.tell(f"Wrote {len(written)} files into {folder}.")
    if faults:
        visible.tell(f"Planted {len(planted)} faults; they are listed in {making.manifest(folder, cycle)}.")
    visible.tell(f"Next: a4p refresh --cycle {number} --inbox {folder}")


@a4p.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", metavar="NAME", help="Source of the file; recognised by its columns where it is not given.")
@click.option("--mission", metavar="M", help="Mission that sends it.")
@click.option("--cycle", "number", type=CycleNumber(), metavar="N", help="Cycle that it is for.")
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON, for machines; in both languages.")
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", show_default=True, help="English or French.")
@click.option(
    "--annotate",
    "out",
    metavar="OUT.xlsx",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the file's own workbook with the findings marked in its cells.",
)
@click.option("--serve", "as_page", is_flag=True, help="Offer a page on this computer on which files are checked.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="Port of that page.")
def check(
    files: tuple[Path, ...],
    source: str | None,
    mission: str | None,
    number: int | None,
    as_json: bool,
    language: Language,
    out: Path | None,
    as_page: bool,
    port: int,
) -> None:
    """Check FILES before they are sent; nothing is stored or sent. With --serve, on a page instead."""
    if as_page:
        if files or out:
            raise click.UsageError("--serve takes no files: they are dropped on its page.")
        from config import load
        from flows.feedback import check_page

        check_page.serve(load(), port)
        return
    if not files:
        raise click.UsageError("Missing argument 'FILES...'.")
    if out and len(files) > 1:
        raise click.UsageError("--annotate takes one file at a time.")
    from config import load
    from flows import check as checked
    from flows.cli import refresh_texts

    results = [checked(file, number, source=source, mission=mission) for file in files]
    found = [result.record for result in results]
    visible.show(refresh_texts.of_check_json(found) if as_json else refresh_texts.of_check(found, load(), language))
    if out:
        visible.tell(f"Marked workbook: {results[0].marked(out, language)}", err=True)
    if any(result.refused for result in results):
        sys.exit(NOT_PUBLISHED)


@a4p.command()
@click.option("--source", metavar="NAME", required=True, help="Source that will fill it in, such as mission_report.")
@click.option("--mission", metavar="M", help="Mission that will send it, where missions do.")
@CYCLE
@click.option(
    "--out",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The workbook (.xlsx).",
)
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", show_default=True, help="English or French.")
def template(source: str, mission: str | None, number: int, out: Path, language: Language) -> None:
    """Write a workbook for a source to fill in, made from its contract."""
    from config import load
    from flows.core import names
    from flows.feedback import template as making

    config = load().of_cycle(number)
    contract = config.contract(names.source(source, config))
    whose = names.mission(mission, config, whole=False) if mission else None
    making.write(out, making.template(contract, config, config.cycle(number), whose, language))
    visible.tell(f"Wrote {out}. Filled in, it is checked with: a4p check {out} --cycle {number}")


@a4p.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file, instead of the terminal.")
def dictionary(out: Path | None) -> None:
    """Write the data dictionary: what sources deliver, what tables hold."""
    from config import load
    from flows.documents.dictionary import as_markdown
    from flows.stores import for_people

    text = as_markdown(load())
    if out:
        for_people.write(out, text.encode())
    else:
        visible.show(text, nl=False)


@a4p.command()
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Write a configuration FOLDER to start from; what stands in it is laid over the pipeline's own."""
    from config.folder import start

    written = start(folder)
    visible.tell(f"Wrote {len(written)} files into {folder}; every example in them is commented out.")
    visible.tell(f"Next: set A4P_CONFIG={folder} (in the environment, or in a file .env), then: a4p config")


@a4p.command()
def config() -> None:
    """Show which configuration is in force, and from where; mistakes in it are told with file and line."""
    from config import layers, load, own_code
    from config.folder import overview
    from flows.cli import config_texts
    from flows.intake.gate import rules
    from transforms import definitions

    folders, read = layers.roots(), load()
    for number in read.of_different_facts:
        definitions.check(read.of_cycle(number))
        if own_code.names("rules", read.folder):
            rules.rules_of(read.contracts, read.of_cycle(number), None)
    visible.show(config_texts.of_overview(overview(folders), folders))
