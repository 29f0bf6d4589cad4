"""What can be wrong with a carrier: its values, how they fit together, what 3GPP defines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cellwright.errors import Faults, SpectrumError, did_you_mean
from cellwright.network.sites import KINDS
from cellwright.radio import antennas, band, channel_faults, nearest_channel_mhz

if TYPE_CHECKING:
    from cellwright.network.carriers import Carrier


def value_faults(
    error: ValidationError, values: Mapping[str, Any], known: Iterable[str], faults: Faults
) -> None:
    """Turn pydantic's findings into faults with a cure."""
    label = f'carrier "{values.get("name", "?")}"'
    for item in error.errors():
        field = str(item["loc"][0]) if item["loc"] else ""
        if item["type"] == "extra_forbidden":
            cure = did_you_mean(field, known)
            faults.error("carriers.unknown-field", f'{label} has no field "{field}".', cure)
        elif item["type"] == "missing":
            faults.error("carriers.missing-field", f'{label} lacks "{field}".', "Write it.")
        else:
            message = f"{label}: {field} is {item['input']!r}; {_allowed(item)}."
            faults.error("carriers.value", message)


def _allowed(item: Any) -> str:
    context = item.get("ctx", {})
    if item["type"] == "literal_error":
        return f"allowed: {context['expected']}"
    if item["type"] == "string_pattern_mismatch":
        return f"it must match {context['pattern']}"
    text = str(item["msg"])
    return text[0].lower() + text[1:]


def relation_faults(made: Carrier, faults: Faults) -> None:
    """Check what one field alone cannot tell."""
    label = f'carrier "{made.name}"'
    if made.dl_layers > made.user_antennas:
        faults.error(
            "carriers.layers",
            f"{label}: dl_layers is {made.dl_layers} but the phone has {made.user_antennas} "
            "antennas; it cannot receive more layers than it has antennas.",
            "Lower dl_layers or raise user_antennas.",
        )
    if made.rat == "nr" and made.ul_mcs_table == "16qam":
        faults.error(
            "carriers.modulation",
            f'{label}: ul_mcs_table "16qam" is for lte; nr has "64qam" and "256qam".',
        )
    for field in ("models", "powers_dbm", "antennas"):
        for kind in sorted(set(getattr(made, field)) - set(KINDS)):
            cure = did_you_mean(kind, KINDS)
            faults.error("carriers.kind", f'{label}: {field} has no site kind "{kind}".', cure)
    for kind in [kind for kind in KINDS if kind not in made.models]:
        faults.error("carriers.models", f'{label}: models lacks site kind "{kind}".', 'E.g. "uma".')
    for name in (made.antenna, *made.antennas.values()):
        if name not in antennas() and not Path(name).suffix:
            cure = did_you_mean(name, antennas()) + " Or give the path of an MSI file."
            faults.error("carriers.antenna", f'{label}: there is no antenna "{name}".', cure)


def spectrum_faults(made: Carrier, faults: Faults) -> None:
    """Check band, channel and frame against 3GPP."""
    label = f'carrier "{made.name}"'
    found = channel_faults(made.band, made.frequency_mhz, made.bandwidth_mhz, made.scs_khz)
    for fault in found:
        faults.error(fault.code, f"{label}: {fault.message}", fault.cure)
    if any(fault.code == "carrier.band" for fault in found):
        return
    if not found.errors:
        _check_raster(made, label, faults)
    known = band(made.band)
    if known.rat != made.rat:
        faults.error(
            "carrier.rat", f'{label}: {known.name} is a band of {known.rat}, rat is "{made.rat}".'
        )
    if known.duplex == "TDD" and made.tdd_pattern is None:
        faults.error(
            "carrier.tdd",
            f"{label}: {known.name} is TDD but there is no tdd_pattern.",
            'E.g. tdd_pattern = "DDDSU".',
        )
    if known.duplex != "TDD" and made.tdd_pattern is not None:
        faults.error(
            "carrier.tdd",
            f'{label}: {known.name} is {known.duplex} but tdd_pattern is "{made.tdd_pattern}".',
            'Remove it, or write tdd_pattern = "".',
        )
    try:
        made.tdd  # noqa: B018  parses the pattern and the special slot
    except SpectrumError as error:
        faults.error("carrier.tdd", f"{label}: {error}")


def _check_raster(made: Carrier, label: str, faults: Faults) -> None:
    """Check that the centre is one a radio can be set to."""
    try:
        nearest = nearest_channel_mhz(made.band, made.frequency_mhz, made.scs_khz)
    except SpectrumError:  # bands whose raster is a list that the radio room does not keep
        return
    if abs(nearest - made.frequency_mhz) > 1e-4:
        faults.error(
            "carrier.raster",
            f"{label}: {made.frequency_mhz:.10g} MHz is not on the channel raster of {made.band}.",
            f"The nearest is frequency_mhz = {nearest:.10g}.",
        )
