"""What the supply room's answers rest on that nobody gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cellwright.project.settings import SupplySection

if TYPE_CHECKING:
    import pandas as pd

ASSUMPTION_COLUMNS = ("assumption", "value", "unit", "source", "evidence")


def assumptions(settings: SupplySection, elements: pd.DataFrame) -> pd.DataFrame:
    """Return the assumptions of a case: ``assumption, value, unit, source, evidence``."""
    import pandas as pd

    from cellwright.supply.vendors import example_vendors

    given, default = settings.model_fields_set, "setting [supply]"
    rows = [
        ("which site comes in which phase", "most new residents first", "", "own", "assumed"),
        ("new sites wait for nothing but their phase", "", "", "own", "assumed"),
        ("core, aggregation and management stand at one place", "", "", "own", "assumed"),
    ]
    for name, unit in (("start", "day"), ("phases", ""), ("phase_months", "months")):
        if name not in given:
            rows.append((name.replace("_", " "), str(getattr(settings, name)), unit, default,
                         "assumed"))  # fmt: skip
    guessed = elements[elements["assumed"].astype(bool)]
    if len(guessed):
        makers = guessed.groupby("function")["maker"].agg(lambda m: ", ".join(sorted(set(m))))
        for function, maker in makers.items():
            rows.append((f"maker of {function}", maker or "unknown", "", example_vendors()[1],
                         "assumed"))  # fmt: skip
    if settings.split == "integrated":
        rows.append(("baseband of a site holds DU and CU", "user data is in the clear there", "",
                     default, "assumed"))  # fmt: skip
    return pd.DataFrame(rows, columns=list(ASSUMPTION_COLUMNS))
