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
    return [
        *models,
        ("propagation", "entry into buildings", "3GPP TR 38.901", "V19.4", "7.4.3.1"),
        ("propagation", "line of sight", "rays over the district's own surface model", "", ""),
    ]


def _tables() -> Rows:
    from cellwright import radio

    found = [radio.table_source(name) for name in radio.table_names()]
    return [
        ("radio", f"table {table['table']}", table["document"], table["edition"], table["clause"])
        for table in found
    ]


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


def _map_rules(work: Work) -> list[tuple[str, str, str, str]]:
    return [
        ("geo", str(row.subject), f"{row.share:.1%}", str(row.rule))
        for row in work.area.assumptions.itertuples()
    ]


def _carrier_values(work: Work) -> list[tuple[str, str, str, str]]:
    from cellwright import network

    rows = []
    for rat, given in work.settings.carriers.model_dump().items():
        if "preset" not in given:
            continue
        table = network.preset_sources(str(given["preset"]))
        for row in table[table["assumed"] & ~table["field"].isin(given)].itertuples():
            rows.append(("network", f"{rat}: {row.field}", str(row.value), str(row.source)))
    return rows


def _radio_rules(work: Work) -> list[tuple[str, str, str, str]]:
    from cellwright.project.steps.speed import demand

    from cellwright import coverage, simulation

    link = simulation.LinkSettings().assumptions()
    return [
        *(("coverage", *row) for row in coverage.assumptions()),
        *(("simulation", *row) for row in (*demand(work).assumptions(), *link)),
    ]


def _costs(work: Work) -> list[tuple[str, str, str, str]]:
    bill, cost = work.get("rollout", "bill_by_item"), work.settings.cost
    some = bill[bill["assumed"].fillna("").astype(str).str.strip() != ""]
    return [
        ("rollout", "discount rate", f"{cost.discount:.0%}", "setting"),
        ("rollout", "items with an assumed price or range", f"{len(some)} of {len(bill)}",
         "see the catalogue's own remarks"),
        ("rollout", "fibre to each site", "see the bill", "assumed lengths; no route is planned"),
    ]  # fmt: skip
