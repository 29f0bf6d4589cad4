"""What a user writes in ``project.toml``: every key, its unit, its range and its default."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from cellwright.errors import Faults, did_you_mean


class Section(BaseModel):
    """A table of ``project.toml``: unknown keys are faults, values do not change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, values: Any) -> Any:
        """Take ``""`` for "not given": TOML has no null."""
        if isinstance(values, dict):
            return {key: value for key, value in values.items() if value != ""}
        return values


class ProjectSection(Section):
    """The name on the page, and the seed of everything drawn at random."""

    name: str = Field("Pilot network", description="shown on the page")
    seed: int = Field(1, ge=0, description="of everything drawn at random")


class AreaSection(Section):
    """How the map is brought to one grid."""

    crs: str | None = Field(None, description='projected, metres, "EPSG:2154"; else the map\'s own')
    pixel_m: float = Field(5.0, ge=1, le=100, description="pixel of every result map")
    surface_pixel_m: float = Field(2.0, ge=0.5, le=10, description="pixel of the sight rays")
    storey_height_m: float = Field(3.0, ge=2, le=6, description="where only levels are known")
    default_height_m: float | None = Field(
        None, ge=2, le=100, description="where nothing is known; else the district's median"
    )
    ground_amsl_m: float = Field(0.0, ge=-430, le=8850, description="where no terrain is given")
    margin_m: float = Field(100.0, ge=0, le=5000, description="map kept beyond the boundary")
    complete_population: bool | None = Field(
        None, description="model people where no cell is; else decided from the cells"
    )
    outdoor_height_m: float = Field(1.5, ge=0.5, le=10, description="phone above the street")


class Layer(Section):
    """One input file: its name alone, or a table that also says how to read it."""

    file: str = Field(description="relative to this folder")
    layer: str | None = Field(None, description="of a file that holds several")
    crs: str | None = Field(None, description="where the file does not say, or says it wrongly")
    encoding: str | None = Field(None, description='of its text, "cp1251"')
    columns: dict[str, str] = Field(default_factory=dict, description="our name = its column")
    attribution: str = Field("", description="printed on map and page")

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, value: Any) -> Any:
        return {"file": value} if isinstance(value, str) else value


class MeasurementLayer(Layer):
    """A drive or walk test: which columns hold what, and what the file does not say."""

    preset: str | None = Field(None, description='of columns: "generic", "tems", "gnettrack", ...')
    carrier: Literal["nr", "lte"] | None = Field(None, description="measured; else nr")
    cell_id: str | None = Field(None, description="measured, where no column names it")
    track: str | None = Field(None, description="NMEA log of the positions, relative here")


class InputsSection(Section):
    """Files, relative to this folder; only buildings are needed. A layer may be a table with
    file, layer, crs, encoding, columns and attribution.
    """

    buildings: Layer = Field(
        Layer(file="inputs/buildings.gpkg"), description="GPKG, SHP, GeoJSON, FGB or OSM"
    )
    terrain: Layer | None = Field(None, description="bare-earth heights, GeoTIFF")
    surface: Layer | None = Field(None, description="heights with roofs and trees, GeoTIFF")
    streets: Layer | None = Field(None, description="lines or polygons; OSM may serve")
    population: Layer | None = Field(None, description="points, cells or GeoTIFF")
    boundary: Layer | None = Field(None, description="polygon to plan within")
    sites: Layer | None = Field(None, description="CSV, XLSX or GPKG with status")
    equipment: Layer | None = Field(None, description="CSV that adds to the equipment catalogue")
    measurements: MeasurementLayer | None = Field(None, description="drive or walk test, CSV")

    @property
    def layers(self) -> dict[str, Layer]:
        """The layers that are given, by name."""
        named = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: layer for name, layer in named.items() if layer is not None}


_USUAL = {"nr": "n78", "lte": "b3"}


class CarriersSection(Section):
    """Presets: n78, n79, n258, b3. Every value of a preset may be set beside it."""

    nr: dict[str, Any] = {"preset": "n78"}
    lte: dict[str, Any] = {"preset": "b3"}

    @field_validator("nr", "lte")
    @classmethod
    def _from_its_preset(cls, table: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        """Start from the usual preset where neither a preset nor a band is named."""
        named = {"preset", "band"} & set(table)
        return table if named else {"preset": _USUAL[str(info.field_name)], **table}


class CoverageSection(Section):
    """What counts as covered, and how walls are taken."""

    outdoor_target_dbm: float = Field(-105.0, ge=-160, le=-30, description="SS-RSRP and RSRP")
    indoor_target_dbm: float = Field(-105.0, ge=-160, le=-30, description="SS-RSRP and RSRP")
    probability: float = Field(0.9, ge=0.5, lt=1, description="of reaching them, shadowing counted")
    entry_loss: Literal["low", "high"] = Field(
        "low", description='walls, TR 38.901 7.4.3.1: "low" older, "high" coated glass'
    )
    reach_m: float = Field(3000.0, ge=100, le=20_000, description="no path is followed further")
    tuning: dict[Literal["nr", "lte"], str] = Field(
        {}, description='files of cellwright tune, { nr = "tuning-nr.toml" }'
    )


class DemandSection(Section):
    """Who uses the network in the busy hour, and how much."""

    market_share: float = Field(0.3, gt=0, le=1, description="of the people in the area")
    gb_per_user_month: float = Field(10.0, gt=0, le=2_000, description="downlink and uplink")
    busy_hour_share: float = Field(0.09, gt=0, le=1, description="of a day's traffic")
    uplink_share: float = Field(0.1, ge=0, le=1, description="of the traffic")
    indoor_share: float = Field(0.8, ge=0, le=1, description="of the users")


class PlanningSection(Section):
    """The goal, and where sites may stand."""

    goal: Literal["coverage", "budget"] = Field(
        "coverage", description='"coverage": cheapest plan for share; "budget": best for budget_usd'
    )
    share: float = Field(0.9, gt=0, le=1, description="of the weight to cover")
    budget_usd: float | None = Field(None, gt=0, description="typical capex of the chosen sites")
    weights: Literal["area", "people", "both"] = Field("both", description="what is counted")
    max_sites: int | None = Field(None, ge=1, description="at most this many sites")
    sectors: int = Field(3, ge=1, le=6, description="per rooftop")
    rooftop_spacing_m: float = Field(160.0, ge=20, le=2_000, description="between candidates")
    pole_spacing_m: float = Field(200.0, ge=20, le=2_000, description="between candidates")
    rounds: int = Field(400, ge=1, le=100_000, description="of the seeded search")

    @model_validator(mode="after")
    def _budget_is_given(self) -> Self:
        if self.goal == "budget" and self.budget_usd is None:
            raise ValueError('goal = "budget" needs budget_usd, the money there is; write it')
        return self


class CostSection(Section):
    """Money; prices come from the equipment catalogue."""

    currency: str = Field("USD", description="shown beside every amount")
    usd_rate: float = Field(1.0, gt=0, description="units of the currency for one US dollar")
    years: int = Field(10, ge=1, le=30, description="of operation counted")
    discount: float = Field(0.08, ge=0, le=0.5, description="a year")


class SupplySection(Section):
    """Who makes the equipment, which rules hold, when phases are due. Files are relative to this
    folder; what is not given is an example or an assumption and is shown as such.
    """

    country: str = Field("", description="where the network stands, ISO 3166-1, for duties")
    vendors: dict[str, str] = Field(
        {}, description='who makes what, { access = "ericsson", core = "nokia" }'
    )
    rules: list[str] = Field([], description="ids or groups of rules that hold")
    start: date = Field(date(2019, 6, 5), description="first day of the roll-out")
    phases: int = Field(5, ge=1, le=60, description="sites are put up in so many phases")
    phase_months: float = Field(3.0, gt=0, le=60, description="between their due dates")
    years: int = Field(10, ge=1, le=30, description="looked ahead from the start")
    split: Literal["integrated", "cu"] = Field(
        "integrated", description='"cu": user data is ciphered up to a unit at the core'
    )
    elements: str | None = Field(None, description="CSV or XLSX: who made what on which site")
    parties: str | None = Field(None, description="CSV, TOML or XLSX: who owns whom, lists")
    rule_file: str | None = Field(None, description="CSV, TOML or XLSX: rules of your own")
    scenario_file: str | None = Field(None, description="TOML: dated changes of your own")
    parts: str | None = Field(None, description="CSV, TOML or XLSX: bills of material")
    stock: str | None = Field(None, description="CSV, TOML or XLSX: what lies in store")
    links: str | None = Field(None, description="CSV: interfaces and their protection")
    areas: str | None = Field(None, description="GPKG or GeoJSON with name: zones of rules")
    configs: list[str] = Field([], description="Open5GS or free5GC YAML, or CSV of settings")

    @property
    def files(self) -> dict[str, str]:
        """The files that are given, by what they hold."""
        names = (
            "elements", "parties", "rule_file", "scenario_file", "parts", "stock", "links", "areas",
        )  # fmt: skip
        given = {name: getattr(self, name) for name in names}
        return {name: path for name, path in given.items() if path} | {
            f"configs {number}": path for number, path in enumerate(self.configs, 1)
        }


class ReportSection(Section):
    """The page."""

    palette: Literal["rdylbu", "batlow"] = Field("rdylbu", description="of the maps")


class Settings(Section):
    """The whole ``project.toml``."""

    project: ProjectSection = ProjectSection()
    area: AreaSection = AreaSection()
    inputs: InputsSection = InputsSection()
    carriers: CarriersSection = CarriersSection()
    coverage: CoverageSection = CoverageSection()
    demand: DemandSection = DemandSection()
    planning: PlanningSection = PlanningSection()
    cost: CostSection = CostSection()
    supply: SupplySection = SupplySection()
    report: ReportSection = ReportSection()


def settings_text(values: dict[str, Any]) -> str:
    """Write a ``project.toml`` that shows every setting: given ones set, the others as comments.

    Parameters
    ----------
    values : dict
        Section name to its given keys.

    Returns
    -------
    str
        TOML text.
    """
    lines = [
        "# Cellwright project. A line behind # shows a setting's default; remove # to change it."
    ]
    for section, field in Settings.model_fields.items():
        given = values.get(section, {})
        model: Any = field.annotation
        if model is CarriersSection:
            given = CarriersSection(**given).model_dump()
        lines += ["", *(f"# {line.strip()}" for line in model.__doc__.strip().splitlines())]
        if model is not CarriersSection:
            lines += [f"[{section}]"]
        for key, entry in model.model_fields.items():
            lines += _setting_lines(key, entry, given)
        lines += [
            line
            for key, table in given.items() if isinstance(table, dict)
            for line in (f"[{section}.{key}]", *(f"{k} = {_toml(v)}" for k, v in table.items()))
        ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _setting_lines(key: str, entry: Any, given: dict[str, Any]) -> list[str]:
    if isinstance(given.get(key), dict):
        return []
    default = entry.get_default()
    default = default.file if isinstance(default, Layer) else default
    text = f"{key} = {_toml(given.get(key, default))}"
    return [f"{text if key in given else '# ' + text:<44}  # {entry.description}"]


def _toml(value: Any) -> str:
    """Write a value as TOML (the standard library reads TOML but does not write it)."""
    if value is None:
        return '""'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(str(value), ensure_ascii=False)


def read_settings(path: Path, faults: Faults) -> Settings | None:
    """Read ``project.toml``; every fault goes to ``faults`` with its line.

    Parameters
    ----------
    path : Path
        The file.
    faults : Faults
        Receives a fault per wrong key, each with its line and what is allowed.

    Returns
    -------
    Settings or None
        None where the file cannot be used at all.
    """
    name = path.name
    try:
        text = path.read_bytes().decode("utf-8-sig")
        data = tomllib.loads(text)
    except UnicodeDecodeError:
        faults.error("project.encoding", "is not UTF-8 text.", "Save it as UTF-8.", file=name)
        return None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        row = int(line.group(1)) if line else None
        faults.error("project.toml", f"is not TOML: {error}.", file=name, row=row)
        return None
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        lines = toml_lines(text)
        for item in error.errors():
            _note(item, name, lines, faults)
        return None


def _note(item: Any, file: str, lines: dict[tuple[str, ...], int], faults: Faults) -> None:
    """Turn one pydantic error into a fault with a line and a cure."""
    place = tuple(str(part) for part in item["loc"] if part != "[key]")
    row = next((lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in lines), None)
    key = ".".join(place)
    if item["type"] == "extra_forbidden":
        cure = did_you_mean(place[-1], _allowed(place[:-1]))
        faults.error("project.unknown-key", f"{key} is not a setting.", cure, file=file, row=row)
        return
    given = item.get("input")
    shown = f" (given {given!r})" if isinstance(given, (str, int, float, bool)) else ""
    said = item["msg"].removeprefix("Value error, ")
    message = f"{key}: {said[0].lower()}{said[1:]}{shown}."
    faults.error("project.value", message, file=file, row=row)


def _allowed(place: tuple[str, ...]) -> list[str]:
    """Names allowed inside the table at ``place``."""
    model: Any = Settings
    for part in place:
        field = model.model_fields.get(part)
        kinds = (field.annotation, *get_args(field.annotation)) if field else ()
        model = next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), None)
        if model is None:
            return []
    return list(model.model_fields)


def toml_lines(text: str) -> dict[tuple[str, ...], int]:
    """Index the lines of a TOML text by key path (tomllib gives no positions).

    Examples
    --------
    >>> toml_lines("[area]\\npixel_m = 5\\n")
    {('area',): 1, ('area', 'pixel_m'): 2}
    """
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[+\s*([^\]#]+?)\s*\]+", line):
            table = tuple(part.strip(" \"'") for part in header.group(1).split("."))
            lines.setdefault(table, number)
        elif key := re.match(r"\s*([A-Za-z0-9_.\"'-]+)\s*=", line):
            path = (*table, *(part.strip("\"'") for part in key.group(1).split(".")))
            lines.setdefault(path, number)
    return lines


def json_schema() -> dict[str, Any]:
    """JSON Schema of ``project.toml``, for editors that complete and check as one types."""
    return Settings.model_json_schema()
