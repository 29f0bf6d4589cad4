"""Shows what the other rooms computed: the page, maps, tables; makes no new numbers."""

from cellwright.files import write_bytes
from cellwright.report.cog import write_cog
from cellwright.report.geopackage import class_areas, write_geopackage
from cellwright.report.layers import PLACES, RATS
from cellwright.report.legend import Legend, legends, palettes
from cellwright.report.numbers import money, percent, rounded, span
from cellwright.report.page import write_page
from cellwright.report.sionna_scene import GROUND, MATERIALS, write_scene
from cellwright.report.tables import write_csv, write_kpis, write_tables, write_workbook
from cellwright.report.vocabulary import (
    Term,
    is_share,
    meaning_of,
    title,
    unit_of,
    vocabulary,
)

__all__ = [
    "GROUND",
    "MATERIALS",
    "PLACES",
    "RATS",
    "Legend",
    "Term",
    "class_areas",
    "is_share",
    "legends",
    "meaning_of",
    "money",
    "palettes",
    "percent",
    "rounded",
    "span",
    "title",
    "unit_of",
    "vocabulary",
    "write_bytes",
    "write_cog",
    "write_csv",
    "write_geopackage",
    "write_kpis",
    "write_page",
    "write_scene",
    "write_tables",
    "write_workbook",
]
