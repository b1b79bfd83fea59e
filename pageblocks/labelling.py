"""How far annotators agree, and how they take suggestions."""

from toolkit.labelling.agreement import Agreement, agreement
from toolkit.labelling.readings import Reader, Readings, how_seen, measure_readings

__all__ = ["Agreement", "Reader", "Readings", "agreement", "how_seen", "measure_readings"]
