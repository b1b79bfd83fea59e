"""How far annotators agree."""

from toolkit.labelling.agreement import Agreement, agreement

__all__ = ["Agreement", "agreement"]
