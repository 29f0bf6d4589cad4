"""Drive and walk tests: read, cleaned, laid beside the prediction, and used to tune it."""

from cellwright.measurement.columns import measurement_presets
from cellwright.measurement.nmea import read_track
from cellwright.measurement.read import (
    POINT_COLUMNS,
    MeasurementFile,
    empty_points,
    read_measurements,
)

__all__ = [
    "POINT_COLUMNS",
    "MeasurementFile",
    "empty_points",
    "measurement_presets",
    "read_measurements",
    "read_track",
]
