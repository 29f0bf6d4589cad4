"""Several antennas at both ends: codebooks, precoders, receivers, ranks, uplink reception."""

from cellwright.simulation.mimo.beams import (
    BeamGrid,
    beam_gains,
    beam_grid,
    best_beam,
    most_ssb_beams,
    steering,
)
from cellwright.simulation.mimo.lte_codebook import lte_codebook
from cellwright.simulation.mimo.lte_modes import (
    cyclic_precoders,
    cyclic_sinr,
    diversity_sinr,
    lte_sinr,
    single_port_sinr,
)
from cellwright.simulation.mimo.multi_user import Group, group_sinr, serve_together
from cellwright.simulation.mimo.panel import PortPanel, dft_beams, panel_of_ports, port_panel
from cellwright.simulation.mimo.precoding import (
    dominant_rows,
    select_users,
    svd_precoder,
    zero_forcing,
)
from cellwright.simulation.mimo.receivers import layer_sinr, noise_covariance, sum_rate
from cellwright.simulation.mimo.reports import (
    Report,
    codewords,
    lte_report,
    type1_report,
    whitened,
)
from cellwright.simulation.mimo.type1 import Type1Codebook, type1_codebook
from cellwright.simulation.mimo.type2 import Type2Settings, type2_precoder
from cellwright.simulation.mimo.uplink import PowerControl, shared_uplink_sinr, uplink_sinr

__all__ = [
    "BeamGrid",
    "Group",
    "PortPanel",
    "PowerControl",
    "Report",
    "Type1Codebook",
    "Type2Settings",
    "beam_gains",
    "beam_grid",
    "best_beam",
    "codewords",
    "cyclic_precoders",
    "cyclic_sinr",
    "dft_beams",
    "diversity_sinr",
    "dominant_rows",
    "group_sinr",
    "layer_sinr",
    "lte_codebook",
    "lte_report",
    "lte_sinr",
    "most_ssb_beams",
    "noise_covariance",
    "panel_of_ports",
    "port_panel",
    "select_users",
    "serve_together",
    "shared_uplink_sinr",
    "single_port_sinr",
    "steering",
    "sum_rate",
    "svd_precoder",
    "type1_codebook",
    "type1_report",
    "type2_precoder",
    "uplink_sinr",
    "whitened",
    "zero_forcing",
]
