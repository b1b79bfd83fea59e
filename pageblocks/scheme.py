"""The label scheme: which labels there are and what they mean."""

from toolkit.scheme import Label, Scheme, check

__all__ = ["Label", "Scheme", "check"]
