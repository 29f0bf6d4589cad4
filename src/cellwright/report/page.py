"""The page: one self-contained HTML file that opens from disk without a network."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cellwright.errors import InputError
from cellwright.files import write_bytes
from cellwright.report.layers import about_layers, add_grids
from cellwright.report.legend import Legend, Overrides, legends, palettes
from cellwright.report.numbers import percent
from cellwright.report.packing import Container, packed
from cellwright.report.scene import (
    add_scene,
    pixel_size_m,
    plain,
    plain_records,
    sites_and_cells,
)
from cellwright.report.tables import about_column, without_shapes
from cellwright.report.vocabulary import is_share, meaning_of, title, unit_of

if TYPE_CHECKING:
    import geopandas as gpd
    import xarray as xr

    from cellwright.geo import Area

#: Marks in the built template that are filled here.
TITLE_MARK, DATA_MARK = "%CELLWRIGHT_TITLE%", "%CELLWRIGHT_DATA%"
#: Between these lies the program; it is packed too, which saves most of a megabyte.
SCRIPT_START = '<script type="text/plain" id="cellwright-script">'
SCRIPT_END = "</script><!--cellwright-script-->"
#: A page grows no larger than this where the ladder below can help it.
LARGEST_BYTES = 3_000_000
#: Coarser steps alone do not help a page so many times too large.
HOPELESS = 1.35
#: How many times coarser steps of values, and pixels each way: tried in turn.
_LADDER: tuple[tuple[int, int], ...] = (
    (1, 1),
    (2, 1),
    (1, 2),
    (2, 2),
    (3, 2),
    (2, 3),
    (4, 4),
    (4, 6),
    (4, 8),
)
_CURVE_COLUMNS = ["chart", "series", "x", "y"]


def write_page(
    path: Path | str,
    *,
    title: str,
    area: Area,
    sites: gpd.GeoDataFrame,
    cells: pd.DataFrame,
    maps: xr.Dataset,
    summaries: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
    curves: pd.DataFrame,
    kpis: Mapping[str, Any],
    assumptions: pd.DataFrame,
    sources: pd.DataFrame,
    provenance: Mapping[str, Any],
    overrides: Overrides | None = None,
    palette: str = "RdYlBu",
    pages: Mapping[str, str] | None = None,
) -> Path:
    """Write the page of a run.

    Parameters
    ----------
    path : Path or str
        File to make, usually ``report/index.html``.
    title : str
        Heading of the page.
    area : Area
        District: buildings, streets, boundary, pixels with ground and residents, attributions.
    sites, cells : GeoDataFrame, DataFrame
        As the network room gives them; every site is drawn, cells as sectors. Column ``rat`` of
        the cells, where given, ties a cell to ``nr`` or ``lte``, and servers count among its own.
    maps : Dataset, (y, x)
        ``<rat>_<layer>_<place>``: rat ``nr``, ``lte`` or ``ratio``; layer a key of
        ``legends.toml``; place ``outdoor``, ``indoor_ground`` or ``indoor_top``. NaN (or a
        negative server) where there is no value. Servers are row numbers among the cells of their
        RAT.
    summaries : mapping of str to mapping
        Small lists of facts by section: ``headline`` (a str), ``plan``, ``pci``, ``ratio``, … .
    tables : mapping of str to DataFrame
        Tables to show by name: ``bill_of_materials``, ``cost``, ``speed``, … .
    curves : DataFrame
        Tidy columns ``chart, series, x, y``. Charts: ``dl_cdf``, ``ul_cdf`` (x Mbit/s, y share 0
        to 1), ``ratio_cdf`` (x times, y share), ``ratio_percentiles`` (x percentile, y times),
        ``ratio_factors`` (series = factor, y = times), ``coverage_by_sites`` (x sites, y share;
        the last series is the bound).
    kpis : mapping
        Name to number or text, or to ``{"value", "unit", "title", "note"}``; shown in order, the
        first eight as cards.
    assumptions, sources : DataFrame
        Shown as they are; sources have ``document, edition, clause`` and what they are for.
    provenance : mapping
        Versions, hashes, seconds; nested mappings are shown as lists.
    overrides : mapping, optional
        A project's own legend keys, see :func:`cellwright.report.legend.legends`.
    palette : str
        Palette at first sight, ``RdYlBu`` or ``batlow``; the reader may switch.
    pages : mapping of str to str, optional
        Further pages: title to file beside this one.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        If a map has no legend or wrong axes, or the curves lack a column.
    """
    head: dict[str, Any] = {
        "title": title,
        "palette": palette,
        "palettes": palettes(),
        "network": sites_and_cells(sites, cells, str(area.crs)),
        "curves": _charts(curves),
        "kpis": [_card(name, value) for name, value in kpis.items()],
        "summaries": _facts(summaries),
        "tables": [shown_table(name, table) for name, table in tables.items()],
        "assumptions": shown_table("assumptions", assumptions),
        "sources": shown_table("sources", sources),
        "provenance": plain(dict(provenance)),
        "pages": [{"title": name, "file": file} for name, file in (pages or {}).items()],
    }
    shown = legends(overrides, palette)
    head |= about_layers(maps, area.pixels, shown)
    return write_bytes(path, _small_enough(head, area, maps, shown))


def _small_enough(
    head: Mapping[str, Any], area: Area, maps: xr.Dataset, shown: Mapping[str, Legend]
) -> bytes:
    """Return the page at the first rung of the ladder on which it is small enough."""
    page, tried = b"", 1
    for coarse, thin in _LADDER:
        if page and thin == tried and len(page) > HOPELESS * LARGEST_BYTES:
            continue
        page, tried = _made(head, area, maps, shown, coarse, thin), thin
        if len(page) <= LARGEST_BYTES:
            break
    return page


def _made(
    head: Mapping[str, Any],
    area: Area,
    maps: xr.Dataset,
    shown: Mapping[str, Legend],
    coarse: int,
    thin: int,
) -> bytes:
    """Return the whole page with steps of speeds and levels, and pixels, so many times coarser."""
    steps = {
        name: legend if legend.step >= 1 else replace(legend, step=legend.step * coarse)
        for name, legend in shown.items()
    }
    every = {"y": slice(thin // 2, None, thin), "x": slice(thin // 2, None, thin)}
    maps, pixels = maps.isel(every), area.pixels.isel(every)
    container = Container()
    container.head.update(head)
    container.head["layers"] = [
        {**entry, "step": steps[entry["name"]].step} for entry in head["layers"]
    ]
    container.head["kept"] = {"coarse": coarse, "every": thin, "pixel_m": pixel_size_m(area.pixels)}
    add_scene(container, area, pixels)
    container.head["grids"] = add_grids(container, maps, pixels, steps)
    return _filled(str(head["title"]), container.content()).encode()


def shown_table(name: str, table: pd.DataFrame) -> dict[str, Any]:
    """Return a table as the page shows it, with titles, units and meanings of its columns.

    Parameters
    ----------
    name : str
        Name of the table; its heading is made from it.
    table : DataFrame
        Any columns; a geometry is left out.

    Returns
    -------
    dict
        ``id``, ``title`` (``attrs["title"]`` where given), ``columns`` (name, title, unit,
        meaning, format, numeric) and ``rows``.
    """
    table = without_shapes(table)
    columns = [
        {
            "name": str(column),
            **about_column(table, str(column)),
            "numeric": bool(
                pd.api.types.is_numeric_dtype(table[column])
                and not pd.api.types.is_bool_dtype(table[column])
            ),
        }
        for column in table.columns
    ]
    rows = [list(row.values()) for row in plain_records(table)]
    heading = str(table.attrs.get("title") or title(name))
    return {"id": name, "title": heading, "columns": columns, "rows": rows}


def _card(name: str, value: Any) -> dict[str, Any]:
    known = {"name": name, "title": title(name), "unit": unit_of(name), "note": ""}
    if isinstance(value, Mapping):
        return known | {str(key): plain(item) for key, item in value.items()}
    known |= {"note": meaning_of(name), "value": plain(value)}
    if is_share(name) and isinstance(value, (int, float)):
        known |= {"value": percent(float(value)), "unit": ""}
    return known


def _facts(summaries: Mapping[str, Any]) -> dict[str, Any]:
    """Sections as lists of facts; a plain text stays a text."""
    return {
        str(section): [_card(str(name), value) for name, value in facts.items()]
        if isinstance(facts, Mapping)
        else plain(facts)
        for section, facts in summaries.items()
    }


def _charts(curves: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Curves by chart; the order of series is the order of their first rows."""
    missing = [column for column in _CURVE_COLUMNS if column not in curves.columns]
    if missing:
        raise InputError(f"curves: the columns {missing} are missing; needed: {_CURVE_COLUMNS}.")
    charts: dict[str, list[dict[str, Any]]] = {}
    for (chart, series), rows in curves.groupby(["chart", "series"], sort=False):
        xy = {axis: [plain(value) for value in rows[axis]] for axis in ("x", "y")}
        charts.setdefault(str(chart), []).append({"name": str(series), **xy})
    return charts


def _filled(heading: str, content: bytes) -> str:
    template = resources.files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    before, _, rest = template.partition(SCRIPT_START)
    script, _, after = rest.partition(SCRIPT_END)
    before = before.replace(TITLE_MARK, html.escape(heading))
    after = after.replace(DATA_MARK, packed(content))
    program = packed(script.encode())
    return before + SCRIPT_START + program + SCRIPT_END + after
