"""Layer styles in QGIS's own words (QML), for the ``layer_styles`` table of a GeoPackage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, tostring

#: QGIS 3.22 is the oldest version the styles are written for.
_VERSION = "3.22.0"


@dataclass(frozen=True)
class Style:
    """Colours of a layer by the value of one column.

    Attributes
    ----------
    column : str
        Column that decides; empty = all alike.
    colours : mapping of str to str
        Value to ``#rrggbb`` or ``#rrggbbaa``.
    outline : str
        Colour of the outline; empty = none.
    size : float
        Diameter of points [mm].
    """

    column: str
    colours: Mapping[str, str]
    outline: str = ""
    size: float = 3.0


def qml(style: Style, kind: Literal["marker", "fill"]) -> str:
    """Return the style as a QML document.

    Parameters
    ----------
    style : Style
        Colours by value.
    kind : {"marker", "fill"}
        For points or for polygons.

    Examples
    --------
    >>> "categorizedSymbol" in qml(Style("status", {"proposed": "#d01c8b"}), "marker")
    True
    """
    root = Element("qgis", version=_VERSION, styleCategories="Symbology")
    named = "categorizedSymbol" if style.column else "singleSymbol"
    renderer = SubElement(root, "renderer-v2", type=named, symbollevels="0", enableorderby="0")
    if style.column:
        renderer.set("attr", style.column)
        categories = SubElement(renderer, "categories")
        for number, value in enumerate(style.colours):
            SubElement(
                categories,
                "category",
                value=value,
                label=value,
                symbol=str(number),
                render="true",
            )
    symbols = SubElement(renderer, "symbols")
    for number, colour in enumerate(style.colours.values()):
        _symbol(symbols, str(number), colour, style, kind)
    text = tostring(root, encoding="unicode")
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{text}"


def _symbol(parent: Element, name: str, colour: str, style: Style, kind: str) -> None:
    symbol = SubElement(parent, "symbol", type=kind, name=name, alpha="1", clip_to_extent="1")
    simple = "SimpleMarker" if kind == "marker" else "SimpleFill"
    layer = SubElement(symbol, "layer", {"class": simple, "enabled": "1", "pass": "0"})
    options = {
        "color": _rgba(colour),
        "outline_color": _rgba(style.outline or "#00000000"),
        "outline_style": "solid" if style.outline else "no",
        "outline_width": "0.3",
        "outline_width_unit": "MM",
    }
    if kind == "marker":
        options |= {"name": "circle", "size": f"{style.size:g}", "size_unit": "MM"}
    else:
        options |= {"style": "no" if colour.endswith("00") and len(colour) == 9 else "solid"}
    listed = SubElement(layer, "Option", type="Map")
    for key, value in options.items():
        SubElement(listed, "Option", type="QString", name=key, value=value)
        SubElement(layer, "prop", k=key, v=value)  # read by QGIS before 3.26


def _rgba(colour: str) -> str:
    """Return ``r,g,b,a`` as QGIS writes it.

    Examples
    --------
    >>> _rgba("#ff000080")
    '255,0,0,128'
    """
    levels = [int(colour[i : i + 2], 16) for i in range(1, len(colour), 2)]
    return ",".join(map(str, [*levels, 255][:4]))
