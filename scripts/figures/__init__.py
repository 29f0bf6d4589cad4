"""Figures of the standards as Cellwright computes them, and the validation page around them.

``make figures`` draws all. One module per document; a new one is found by being here, and a new
model of the shelf gets its figure by being on the shelf (``shelf.py``).

The files lie in the repository, because the page is read where nobody has run anything: SVG with
text as text and rounded numbers, about 20 kB each, the same bytes on every run.
"""

from __future__ import annotations

import importlib
import pkgutil

from scripts.figures.base import FIGURES, Drawing
from scripts.figures.methods import method_drawings
from scripts.figures.shelf import model_drawings


def drawings() -> list[Drawing]:
    """Every figure there is, document by document, those with models first."""
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith("_"):
            importlib.import_module(f"{__name__}.{module.name}")
    every = [*model_drawings(), *FIGURES.values(), *method_drawings(FIGURES.values())]
    order = list(dict.fromkeys(drawing.document for drawing in every))
    return sorted(every, key=lambda drawing: order.index(drawing.document))
