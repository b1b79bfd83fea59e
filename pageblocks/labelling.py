"""How far annotators agree, with each other and with suggestions."""

from toolkit.labelling.agreement import Agreement, agreement
from toolkit.labelling.judge import Calibration, compare_with_people
from toolkit.labelling.readings import Reader, Readings, how_seen, measure_readings

__all__ = [
    "Agreement",
    "Calibration",
    "Reader",
    "Readings",
    "agreement",
    "compare_with_people",
    "how_seen",
    "measure_readings",
]
