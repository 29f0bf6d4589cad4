"""Several antennas at both ends: codebooks, precoders, receivers, ranks, uplink reception."""

from cellwright.simulation.mimo.lte_codebook import lte_codebook
from cellwright.simulation.mimo.panel import PortPanel, dft_beams, panel_of_ports, port_panel
from cellwright.simulation.mimo.precoding import (
    dominant_rows,
    select_users,
    svd_precoder,
    zero_forcing,
)
from cellwright.simulation.mimo.receivers import layer_sinr, noise_covariance, sum_rate
from cellwright.simulation.mimo.type1 import Type1Codebook, type1_codebook

__all__ = [
    "PortPanel",
    "Type1Codebook",
    "dft_beams",
    "dominant_rows",
    "layer_sinr",
    "lte_codebook",
    "noise_covariance",
    "panel_of_ports",
    "port_panel",
    "select_users",
    "sum_rate",
    "svd_precoder",
    "type1_codebook",
    "zero_forcing",
]
