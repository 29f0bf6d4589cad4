"""Drive and walk tests: read, cleaned, laid beside the prediction, and used to tune it."""

from cellwright.measurement.clean import Cleaned, clean, local_mean, saturated
from cellwright.measurement.columns import measurement_presets
from cellwright.measurement.design import TuneSettings
from cellwright.measurement.nmea import read_track
from cellwright.measurement.predict import (
    Prediction,
    Setup,
    drop_strangers,
    of_known_cells,
    predict,
    receivers_at,
)
from cellwright.measurement.read import (
    POINT_COLUMNS,
    MeasurementFile,
    empty_points,
    read_measurements,
)
from cellwright.measurement.score import ERROR_COLUMNS, errors_by_group
from cellwright.measurement.suspects import SUSPECT_COLUMNS, suspects
from cellwright.measurement.tune import PARAMETER_COLUMNS, Tuned, tune

__all__ = [
    "ERROR_COLUMNS",
    "PARAMETER_COLUMNS",
    "POINT_COLUMNS",
    "SUSPECT_COLUMNS",
    "Cleaned",
    "MeasurementFile",
    "Prediction",
    "Setup",
    "TuneSettings",
    "Tuned",
    "clean",
    "drop_strangers",
    "empty_points",
    "errors_by_group",
    "local_mean",
    "measurement_presets",
    "of_known_cells",
    "predict",
    "read_measurements",
    "read_track",
    "receivers_at",
    "saturated",
    "suspects",
    "tune",
]
