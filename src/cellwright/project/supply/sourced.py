"""What the plan is made of and where that is from: bill of material, origin, duties."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from cellwright.errors import InputError
from cellwright.project.supply.answers import SupplyAnswer
from cellwright.project.supply.case import SupplyCase

_NAMED = 5


def bom_answer(case: SupplyCase, file: Path | None = None) -> SupplyAnswer:
    """Return the plan as a hardware bill of material, and write it as CycloneDX where asked.

    Raises
    ------
    MissingEngineError
        Without the extra ``supply``, if `file` is given.
    """
    from cellwright import supply
    from cellwright.supply.bom import write_bom

    table = supply.plan_bom(case.elements, supply.plan_parts(case.parts), case.parties)
    top = table[table["parent"] == ""]
    value = float((top["value"] * top["quantity"]).sum())
    said = [
        f"{top['quantity'].sum():,.0f} pieces of {len(top)} kinds, {value:,.0f} USD at typical "
        f"prices; {len(table) - len(top)} lines of parts below them."
    ]
    if file is not None:
        write_bom(table, file)
        said.append(f"Written as CycloneDX 1.6: {file}")
    return SupplyAnswer(
        "bom", tuple(said), {"bom": table}, case.assumptions,
        {"bom": ("name", "function", "maker", "maker_country", "quantity", "value", "hs")},
    )  # fmt: skip


def origin_answer(case: SupplyCase, country: str = "US") -> SupplyAnswer:
    """Say where the plan's value is from, stage by stage, the unknown share printed.

    Parameters
    ----------
    case : SupplyCase
    country : str
        Whose content the de-minimis line is drawn for, ISO 3166-1.

    Raises
    ------
    InputError
        For an unknown country.
    """
    from cellwright import supply
    from cellwright.errors import did_you_mean
    from cellwright.supply.codes import countries

    if country not in countries():
        raise InputError(f'--country is "{country}". {did_you_mean(country, countries())}')
    parts = supply.origin_parts(case.parts)
    table = supply.plan_origin(case.elements, parts, case.parties)
    shares = supply.origin_shares(table)
    minimis = supply.plan_minimis(case.elements, parts, case.parties, country)
    said = []
    for stage, known in table.attrs["known"].items():
        mine = shares[(shares["stage"] == stage) & (shares["country"] != "unknown")]
        named = ", ".join(f"{c} {s:.1%}" for c, s in mine[["country", "share"]].head(_NAMED).values)
        said.append(f"{stage}: {named or 'nothing known'}; {1.0 - known:.1%} of value unknown.")
    above = minimis[minimis["indicates"] == "above"]
    for row in above.drop_duplicates(["function", "maker"]).to_dict("records"):
        said.append(
            f"{row['maker']} {row['function']}: {row['share']:.1%} known to be of {country}, above "
            f"the line of {row['limit']:.0%} (an indication; which content counts is law)."
        )
    return SupplyAnswer(
        "origin", tuple(said), {"shares": shares, "origin": table, "minimis": minimis},
        case.assumptions,
        {"shares": ("stage", "country", "value", "share"),
         "minimis": ("item", "function", "maker", "share", "most", "limit", "indicates")},
    )  # fmt: skip


def landed_answer(
    case: SupplyCase, importer: str = "", day: date | None = None, scenario: str = ""
) -> SupplyAnswer:
    """Say what duties add to the plan, and where none bites, why.

    Parameters
    ----------
    case : SupplyCase
    importer : str
        Country the equipment is brought into; default: the project's.
    day : date, optional
        Day of shipment; default: the first day of the roll-out.
    scenario : str
        Whose duties come on top, those in force on that day.

    Raises
    ------
    InputError
        Without a country, or for unknown ones.
    """
    from cellwright import supply
    from cellwright.supply.whatif.effects import figures

    into, when = importer or case.country, day or case.start
    if not into:
        raise InputError(
            "nobody says where the equipment is brought into. Give --importer FR, or write "
            'country = "FR" under [supply] in project.toml.'
        )
    changes = case.scenario(scenario).on(when) if scenario else ()
    extra = [
        (str(change["country"]), *figures(change, "factor"))
        for change in changes if change["kind"] == "tariff"
    ]  # fmt: skip
    table = supply.plan_landed(case.elements, into, when, parties=case.parties, extra=extra)
    said = [str(table.attrs["sentence"])]
    if scenario and not extra:
        said.append(f"{scenario} puts no duty in force by {when}.")
    return SupplyAnswer(
        "landed-cost", tuple(said), {"landed": table}, case.assumptions,
        {"landed": ("item", "maker", "hs", "origin", "value", "duty_low", "duty_typical",
                    "duty_high", "measures")},
    )  # fmt: skip
