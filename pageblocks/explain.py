"""Why a block has its label."""

from toolkit.explain import Explanation, Neighbours, Reason, explain

__all__ = ["Explanation", "Neighbours", "Reason", "explain"]
