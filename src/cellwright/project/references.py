"""What every number rests on: standards with their clauses, data, and assumptions."""

from __future__ import annotations

import pandas as pd

from cellwright.project.work import Work

SOURCE_COLUMNS = ("room", "subject", "document", "edition", "clause")
Rows = list[tuple[str, ...]]
ASSUMPTION_COLUMNS = ("room", "subject", "value", "why")


def sources(work: Work) -> pd.DataFrame:
    """Return the standards, papers and data behind a project's numbers.

    Returns
    -------
    DataFrame
        Columns ``room, subject, document, edition, clause``.
    """
    rows = [*_data(work), *_models(work), *_tables(), *_methods()]
    return pd.DataFrame(rows, columns=list(SOURCE_COLUMNS)).drop_duplicates(ignore_index=True)


def _data(work: Work) -> Rows:
    rows: Rows = [
        ("geo", name, layer.attribution or "the user's own file", "", layer.file)
        for name, layer in work.settings.inputs.layers.items()
    ]
    rows.append(("rollout", "prices", "equipment catalogue", "", "source named in each row"))
    return rows


def _models(work: Work) -> Rows:
    from cellwright import propagation

    names = dict.fromkeys(
        name for carrier in work.carriers.values() for name in carrier.models.values()
    )
    found = [propagation.model(name) for name in names]
    models: Rows = [
        ("propagation", f"path loss, {model.title}", model.document, model.edition, model.clause)
        for model in found
    ]
    tuned: Rows = [
        (
            "propagation",
            f"tuning to measurements, {rat.upper()}",
            tuning.source or "the user's own tuning",
            tuning.date,
            f"{tuning.points:,} local means of {tuning.cells} cells",
        )
        for rat, tuning in work.tunings.items()
    ]
    return [
        *models,
        *tuned,
        ("propagation", "entry into buildings", "3GPP TR 38.901", "V19.4", "7.4.3.1"),
        ("propagation", "line of sight", "rays over the district's own surface model", "", ""),
    ]


def _tables() -> Rows:
    from cellwright import radio

    rows: Rows = []
    for name in radio.table_names():
        table = radio.table_source(name)
        clause = f"{table['clause']}, Table {table['table']}"
        rows.append(("radio", _subject(name), table["document"], table["edition"], clause))
    return rows


def _subject(name: str) -> str:
    """Say what a table file is about.

    Examples
    --------
    >>> _subject("nr_mcs_64qam_low_se.csv"), _subject("lte_resource_blocks.csv")
    ('5G MCS, 64QAM, low SE', '4G resource blocks')
    """
    rat, *words = name.removesuffix(".csv").split("_")
    text = f"{'5G' if rat == 'nr' else '4G'} {' '.join(words)}"
    for short, said in _SPELT.items():
        text = text.replace(short, said)
    return text


#: Parts of file names of the radio room's tables, in words.
_SPELT = {
    " mcs ": " MCS, ", " cqi ": " CQI, ", "tbs": "transport block sizes", "64qam": "64QAM",
    "256qam": "256QAM", " low se": ", low SE", "transform ": "transform precoding, ",
}  # fmt: skip


def _methods() -> Rows:
    return [
        ("coverage", "SS-RSRP, SS-RSRQ, SS-SINR", "3GPP TS 38.215", "V18", "5.1"),
        ("coverage", "RSRP, RSRQ, RS-SINR", "3GPP TS 36.214", "V18", "5.1"),
        ("simulation", "NR transport blocks", "3GPP TS 38.214", "V18", "5.1.3.2, 6.1.4.2"),
        ("simulation", "LTE transport blocks", "3GPP TS 36.213", "V18", "7.1.7.2"),
        (
            "simulation",
            "block error rate",
            "Polyanskiy, Poor, Verdu: Channel coding rate in the finite blocklength regime",
            "2010",
            "normal approximation",
        ),
        (
            "planning",
            "bound",
            "Fisher: The Lagrangian relaxation method for integer programming",
            "1981",
            "",
        ),
        ("planning", "PCI", "3GPP TS 38.211 / TS 36.211", "V18", "7.4.2.1 / 6.11"),
    ]


def assumptions(work: Work) -> pd.DataFrame:
    """Return what was assumed rather than given or measured.

    Returns
    -------
    DataFrame
        Columns ``room, subject, value, why``.
    """
    rows = [*_map_rules(work), *_carrier_values(work), *_radio_rules(work), *_costs(work)]
    return pd.DataFrame(rows, columns=list(ASSUMPTION_COLUMNS))


def _map_rules(work: Work) -> Rows:
    """Rules that filled gaps, by share of what they filled; warnings by how many they touch."""
    from cellwright.report import percent, rounded

    rows: Rows = []
    for row in work.area.assumptions.to_dict("records"):
        subject, share = str(row["subject"]), float(row["share"])
        if "." in subject:  # a warning's code, such as buildings.not-polygons
            layer, _, what = subject.partition(".")
            subject = f"warning, {layer}: {what.replace('-', ' ')}"
            value = f"{rounded(float(row['count']))} times"
        else:
            value = percent(share) if share > 0.0 else "-"
        rows.append(("geo", subject, value, str(row["rule"])))
    return rows


def _carrier_values(work: Work) -> Rows:
    from cellwright import network
    from cellwright.report import title

    rows: Rows = []
    for rat, given in work.settings.carriers.model_dump().items():
        if "preset" not in given:
            continue
        table = network.preset_sources(str(given["preset"]))
        assumed = table[table["assumed"] & ~table["field"].isin(given)]
        for row in assumed.to_dict("records"):
            name = str(row["field"])
            what = f"{title(rat)}: {title(name)}"
            rows.append(("network", what, _valued(name, row["value"]), str(row["source"])))
    return rows


def _valued(name: str, value: object) -> str:
    """Write an assumed value with its unit.

    Examples
    --------
    >>> _valued("power_dbm", 53.0), _valued("market_share", 0.3)
    ('53 dBm', '30 %')
    >>> _valued("powers_dbm", {"pole": 43.0, "indoor": 30.0})
    'pole 43 dBm, indoor 30 dBm'
    """
    from cellwright.report import is_share, percent, unit_of

    if isinstance(value, dict):
        return ", ".join(f"{key} {_valued(name, one)}" for key, one in value.items())
    try:
        number = float(str(value))
    except ValueError:
        return str(value)
    return percent(number) if is_share(name) else f"{number:g} {unit_of(name)}".strip()


def _radio_rules(work: Work) -> Rows:
    from cellwright import coverage, simulation
    from cellwright.project.steps.speed import demand
    from cellwright.report import title
    from cellwright.simulation.map_drops import DropSettings
    from cellwright.simulation.sharing import Sharing

    settings = [
        *demand(work).assumptions(),
        *simulation.LinkSettings().assumptions(),
        *Sharing().assumptions(),
        *((f"drops_{name}", value, why) for name, value, why in DropSettings().assumptions()),
    ]
    return [
        *(("coverage", *row) for row in coverage.assumptions()),
        *(("simulation", title(name), _valued(name, value), why) for name, value, why in settings),
    ]


def _costs(work: Work) -> list[tuple[str, str, str, str]]:
    bill, cost = work.get("rollout", "bill_by_item"), work.settings.cost
    some = bill[bill["assumed"].fillna("").astype(str).str.strip() != ""]
    return [
        ("rollout", "discount rate", f"{cost.discount:.0%} a year", "setting"),
        ("rollout", "items with an assumed price or range", f"{len(some)} of {len(bill)}",
         "the bill says which of low, typical and high"),
        ("rollout", "fibre to each site", "see the bill", "assumed lengths; no route is planned"),
    ]  # fmt: skip
