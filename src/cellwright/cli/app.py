"""The commands ``cellwright new | check | run | compare | tune | simulate | report | export |
crosscheck | sources | supply | security``.

Exit codes: 0 done, 1 failed, 2 bad input, 3 the goal cannot be reached, 130 interrupted.
With ``--json`` each command writes one JSON object to standard output and nothing else there.
"""

from __future__ import annotations

import atexit
import errno
import gc
import os
import shlex
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cellwright import __version__
from cellwright.cli.supply import security, supply

if TYPE_CHECKING:
    from cellwright.project import Project

OK, FAILED, BAD_INPUT, INFEASIBLE, INTERRUPTED = 0, 1, 2, 3, 130

app = typer.Typer(
    name="cellwright",
    help="Plan, simulate and cost a pilot 5G network for a city district, from the map to a page.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 failed, 2 bad input, 3 goal cannot be reached, 130 interrupted.",
)

app.add_typer(supply, name="supply")
app.add_typer(security, name="security")

Folder = Annotated[Path, typer.Argument(help="The project's folder.", show_default="this folder")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
HERE = Path()


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cellwright {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Hold the options that belong to no single command."""


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="Folder to make; must not exist or be empty.")],
    district: Annotated[str | None, typer.Option(help="A shipped district, e.g. nantes.")] = None,
    buildings: Annotated[
        Path | None, typer.Option(help="Buildings: GPKG, SHP, GeoJSON, FGB, OSM pbf.")
    ] = None,
    terrain: Annotated[Path | None, typer.Option(help="Bare-earth heights, GeoTIFF.")] = None,
    surface: Annotated[Path | None, typer.Option(help="Surface heights, GeoTIFF.")] = None,
    streets: Annotated[Path | None, typer.Option(help="Streets; OSM may serve.")] = None,
    population: Annotated[
        Path | None, typer.Option(help="People: points, cells or GeoTIFF.")
    ] = None,
    boundary: Annotated[Path | None, typer.Option(help="Polygon to plan within.")] = None,
    sites: Annotated[Path | None, typer.Option(help="Sites: CSV, XLSX or GPKG.")] = None,
    equipment: Annotated[
        Path | None, typer.Option(help="CSV that adds to the equipment catalogue.")
    ] = None,
    measurements: Annotated[
        Path | None, typer.Option(help="Drive or walk test of existing sites: CSV.")
    ] = None,
    crs: Annotated[str | None, typer.Option(help="Projected CRS, e.g. EPSG:2154.")] = None,
    name: Annotated[str | None, typer.Option(help="Name on the page.")] = None,
    json: Json = False,
) -> None:
    """Make a project from a shipped district or from your own files."""
    from cellwright import project
    from cellwright.errors import shown_path

    inputs = {
        "buildings": buildings,
        "terrain": terrain,
        "surface": surface,
        "streets": streets,
        "population": population,
        "boundary": boundary,
        "sites": sites,
        "equipment": equipment,
        "measurements": measurements,
    }
    given = {layer: path for layer, path in inputs.items() if path is not None}
    made = project.new(folder, district=district, inputs=given, crs=crs, name=name)
    _say(
        json,
        {"project": str(made.folder), "files": sorted(made.input_files())},
        f"{made.folder} is ready. Next: cellwright run {shlex.quote(shown_path(made.folder))}",
    )


@app.command()
def check(folder: Folder = HERE, json: Json = False) -> None:
    """Look at every input and list all faults at once."""
    from cellwright.cli.show import show_faults

    project = _open(folder)
    faults = project.check()
    if json:
        _write_json({"ok": not faults.errors, "faults": [fault.as_dict() for fault in faults]})
    else:
        show_faults(list(faults))
    if faults.errors:
        raise typer.Exit(BAD_INPUT)


@app.command()
def run(
    folder: Folder = HERE,
    until: Annotated[str | None, typer.Option(help="Stop after this room: geo … report.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Say what would be run, and run nothing.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
    json: Json = False,
) -> None:
    """Do the main job: plan, compare 5G with 4G, cost it, write the report."""
    from cellwright.cli.show import RunProgress, show_run, show_todo

    project = _open(folder)
    if dry_run:
        todo = project.todo(until)
        _write_json({"steps": todo}) if json else show_todo(todo)
        return
    with RunProgress(quiet or json) as progress:
        result = project.run(until, progress=progress)
    _write_json(result.as_dict()) if json else show_run(result)


@app.command()
def compare(folder: Folder = HERE, json: Json = False) -> None:
    """Print 5G beside 4G on the same sites and users, and where the factor comes from."""
    from cellwright.cli.show import show_comparison

    comparison = _open(folder).compare()
    _write_json(comparison) if json else show_comparison(comparison)


@app.command()
def tune(
    folder: Folder = HERE,
    carrier: Annotated[
        str | None, typer.Option(help="Carrier measured, nr or lte.", show_default="nr")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
    json: Json = False,
) -> None:
    """Tune the path loss of a carrier to the project's drive test."""
    from cellwright.cli.show import RunProgress
    from cellwright.cli.tuned import show_tuning

    project = _open(folder)
    with RunProgress(quiet or json) as progress:
        found = project.tune(carrier, progress)
    _write_json(found.as_dict()) if json else show_tuning(found)


@app.command()
def report(folder: Folder = HERE, json: Json = False) -> None:
    """Write the page anew from the results, running first what is stale."""
    from cellwright.cli.show import RunProgress

    project = _open(folder)
    with RunProgress(json) as progress:
        project.run("report", progress=progress, again=("report",))
    _say(json, {"report": str(project.report_path)}, str(project.report_path))


@app.command()
def export(
    folder: Folder = HERE,
    into: Annotated[
        Path | None, typer.Argument(help="Folder to write to.", show_default="exports/TOOL")
    ] = None,
    to: Annotated[str, typer.Option(help="The tool: sionna (a scene for Sionna RT).")] = "sionna",
    json: Json = False,
) -> None:
    """Write the district for another tool, such as a ray tracer's scene."""
    from cellwright.project.crosscheck import export as write

    made = write(_open(folder), to, into)
    _say(json, {"scene": str(made)}, str(made))


@app.command()
def crosscheck(
    folder: Folder = HERE,
    cell: Annotated[
        str | None, typer.Option(help="A planned cell or site.", show_default="the first site")
    ] = None,
    rat: Annotated[str, typer.Option(help="Whose carrier: nr or lte.")] = "nr",
    seconds: Annotated[float, typer.Option(min=0.0, help="Time for the ray tracer [s].")] = 10.0,
    json: Json = False,
) -> None:
    """Trace rays from one site with Sionna RT and lay the path loss beside ours."""
    from cellwright.cli.show import show_crosscheck
    from cellwright.project.crosscheck import crosscheck as trace

    made = trace(_open(folder), cell, rat=rat, seconds=seconds)
    _write_json(made.as_dict()) if json else show_crosscheck(made)


@app.command()
def simulate(
    folder: Folder = HERE,
    level: Annotated[
        str, typer.Option(help="How closely: static, drops, slots or mobility.")
    ] = "drops",
    rat: Annotated[str, typer.Option(help="Whose cells: nr or lte.")] = "nr",
    drops: Annotated[int, typer.Option(min=1, help="Monte Carlo drops.")] = 5,
    users: Annotated[int, typer.Option(min=1, help="Users of a drop.")] = 500,
    seed: Annotated[int, typer.Option(min=0, help="Of everything drawn.")] = 1,
    seconds: Annotated[
        float, typer.Option(min=0.01, help="Time of a slot loop or of a walk [s].")
    ] = 1.0,
    traffic: Annotated[
        str, typer.Option(help="full-buffer, ftp3, camera, periodic, voice or fwa; slots only.")
    ] = "full-buffer",
    direction: Annotated[str, typer.Option(help="downlink or uplink; slots only.")] = "downlink",
    scheduler: Annotated[str, typer.Option(help="pf, rr, max_ci or qos; slots only.")] = "pf",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
    json: Json = False,
) -> None:
    """Simulate the planned network: expected shares, drops, slots with traffic, or walks."""
    from cellwright.cli.show import RunProgress
    from cellwright.cli.simulated import read_settings, show_simulation
    from cellwright.project.simulated import simulate as run_levels

    settings = read_settings(
        drops, users, seed, seconds, traffic, direction, level=level, scheduler=scheduler
    )
    project = _open(folder)
    with RunProgress(quiet or json) as progress:
        made = run_levels(project, level, settings, rat=rat, scheduler=scheduler, progress=progress)
    _write_json(made.as_dict()) if json else show_simulation(made)


@app.command()
def day(
    folder: Folder = HERE,
    rat: Annotated[str, typer.Option(help="Whose cells: nr or lte.")] = "nr",
    work_share: Annotated[
        float, typer.Option(help="Share of a user's traffic that arises at work, 0 to 1.")
    ] = 0.3,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
    json: Json = False,
) -> None:
    """Show the planned network through a day, from where people live and where they work."""
    from cellwright.cli.show import RunProgress
    from cellwright.cli.simulated import show_day
    from cellwright.project.simulated import day as through_the_day
    from cellwright.simulation import DaySettings

    settings = DaySettings(work_share=work_share)
    project = _open(folder)
    with RunProgress(quiet or json) as progress:
        made = through_the_day(project, settings, rat=rat, progress=progress)
    _write_json(made.as_dict()) if json else show_day(made)


@app.command()
def sources(folder: Folder = HERE, json: Json = False) -> None:
    """List the standards, papers and data behind every number of this project."""
    from cellwright.cli.show import show_sources

    table = _open(folder).sources()
    _write_json({"sources": table.to_dict("records")}) if json else show_sources(table)


def _open(folder: Path) -> Project:
    from cellwright import project

    return project.open(folder)


def _say(as_json: bool, data: dict[str, Any], text: str) -> None:
    _write_json(data) if as_json else typer.echo(text)


def _write_json(data: Any) -> None:
    import json

    from cellwright.project import plain

    typer.echo(json.dumps(plain(data), ensure_ascii=False, indent=2))


def main() -> None:
    """Run a command; every foreseen failure ends with one message and its exit code."""
    from cellwright.errors import CellwrightError, InfeasiblePlanError, InputError

    wants_json = "--json" in sys.argv
    # Python looks for cycles among all that lives before it ends: 0.2 s for nothing
    atexit.register(gc.freeze)
    try:
        app()
    except InputError as error:
        _fail(BAD_INPUT, error, wants_json, [fault.as_dict() for fault in error.faults])
    except InfeasiblePlanError as error:
        _fail(INFEASIBLE, error, wants_json)
    except CellwrightError as error:
        _fail(FAILED, error, wants_json)
    except KeyboardInterrupt:
        _interrupted(wants_json)
    except SystemExit as end:  # Typer turns Ctrl-C into an exit without a word
        if end.code != INTERRUPTED:
            raise
        _interrupted(wants_json)
    except BrokenPipeError:
        sys.exit(OK)
    except Exception as error:
        if not _says_the_system(error):
            traceback.print_exc()  # a fault of ours: who reports it needs all of it
        _fail(FAILED, _from_the_system(error), wants_json)


_STOPPED = "Stopped. Finished steps are kept; the same command goes on from there."
#: What the system says when files cannot be written or read.
_SYSTEM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)


def _interrupted(as_json: bool) -> None:
    try:
        _fail(INTERRUPTED, _STOPPED, as_json)
    finally:  # Python may end itself by the signal instead, if it came while code was being made
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED)


def _says_the_system(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in _SYSTEM


def _from_the_system(error: Exception) -> str:
    if not _says_the_system(error):
        return f"A fault in Cellwright itself: {type(error).__name__}: {error}"
    assert isinstance(error, OSError)
    place = f" ({error.filename})" if error.filename else ""
    return f"{error.strerror}{place}. Nothing half-written is kept; mend it and run again."


def _fail(
    code: int, error: Exception | str, as_json: bool, faults: list[Any] | None = None
) -> None:
    if as_json:
        _write_json({"ok": False, "exit_code": code, "error": str(error), "faults": faults or []})
    else:
        typer.secho(str(error), fg="red", err=True)
    sys.exit(code)
