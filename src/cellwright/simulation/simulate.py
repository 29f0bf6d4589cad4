"""One call over all levels of fidelity, for a 3GPP scenario and for a network on its own map.

``static``: the expected share of every user at the loads of all. ``drops``: the same over drawn
users and shadows, with confidence. ``slots``: slot by slot with traffic, schedulers and HARQ.
``mobility``: users walk, measure and hand over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cellwright.compute import Progress
from cellwright.errors import InputError, did_you_mean
from cellwright.network import Carrier, carrier
from cellwright.simulation import levels
from cellwright.simulation.link import LinkSettings
from cellwright.simulation.mobility import HandoverSettings
from cellwright.simulation.scenarios import Scenario
from cellwright.simulation.sharing import Sharing
from cellwright.simulation.slots import SlotSettings
from cellwright.simulation.task import (
    FIDELITIES,
    Fidelity,
    MapNetwork,
    SimulateSettings,
    Simulation,
    Task,
)

Level = Callable[[Task, Fidelity, Progress | None], Simulation]
_OF_SCENARIO: dict[Fidelity, Level] = {
    "static": levels.scenario_shares,
    "drops": levels.scenario_shares,
    "slots": levels.slot_loop,
    "mobility": levels.hexagon_walks,
}
_OF_MAP: dict[Fidelity, Level] = {
    "static": levels.map_expected,
    "drops": levels.map_shares,
    "slots": levels.slot_loop,
    "mobility": levels.map_walks,
}


def simulate(
    what: Scenario | MapNetwork,
    fidelity: Fidelity = "drops",
    settings: SimulateSettings | None = None,
    *,
    over: Carrier | None = None,
    link: LinkSettings | None = None,
    sharing: Sharing | None = None,
    slots: SlotSettings | None = None,
    handover: HandoverSettings | None = None,
    done: Mapping[int, Any] | None = None,
    finished: Callable[[int, Any], None] | None = None,
    progress: Progress | None = None,
) -> Simulation:
    """Simulate a 3GPP scenario, or a network on its map, at one level of fidelity.

    Parameters
    ----------
    what : Scenario or MapNetwork
        From ``scenarios.scenario(name)``, or coverage's results with their network.
    fidelity : {"static", "drops", "slots", "mobility"}
        How closely to look.
    settings : SimulateSettings, optional
        Drops, users, seed, time, traffic.
    over : Carrier, optional
        Carrier of a scenario; by default the preset of its frequency (n78, b3).
    link, sharing, slots, handover : optional
        Assumptions of link adaptation, of the static share, of the slot loop, of mobility.
    done : mapping of int, optional
        Drops finished earlier with the same settings, as ``finished`` was told them.
    finished : callable, optional
        Told every drop as soon as it is whole, to keep it: a run cut short goes on from there with
        the same random numbers.
    progress : callable, optional
        Told the share done.

    Returns
    -------
    Simulation

    Raises
    ------
    InputError
        A level that is not known; streets missing; a scenario at a frequency without a carrier.

    Notes
    -----
    A scenario's users have full buffers and share their cell's time equally in ``static`` and
    ``drops``, as in 3GPP's evaluations; on a map they ask for what ``demand`` says.

    Examples
    --------
    >>> from cellwright.simulation.scenarios import scenario
    >>> small = scenario("nr-city-3500mhz", rings=1, users_per_cell=2)
    >>> found = simulate(small, "drops", SimulateSettings(drops=2))
    >>> found.figures["quantity"].tolist()[:3]
    ['dl_mbps_p5', 'dl_mbps_p50', 'dl_mbps_p95']
    """
    if fidelity not in FIDELITIES:
        raise InputError(f'No level is named "{fidelity}". {did_you_mean(fidelity, FIDELITIES)}')
    settings = settings or SimulateSettings()
    known = dict(done or {})
    if isinstance(what, Scenario):
        layer, level = over or _carrier_of(what), _OF_SCENARIO[fidelity]
    else:
        layer, level = over or what.carrier, _OF_MAP[fidelity]
    task = Task(what, layer, settings, link, sharing, slots, handover, known, finished)
    return level(task, fidelity, progress)


def _carrier_of(scenario: Scenario) -> Carrier:
    """Return the preset whose frequency a scenario has, with its bandwidth and power."""
    for name in ("n78", "b3", "n79", "n258"):
        preset = carrier(name)
        if abs(preset.frequency_ghz - scenario.frequency_ghz) < 0.06 * preset.frequency_ghz:
            return preset.changed(power_dbm=scenario.power_dbm)
    raise InputError(
        f'No carrier preset lies at {scenario.frequency_ghz:g} GHz (scenario "{scenario.name}"). '
        "Give over=, a carrier of your own."
    )
