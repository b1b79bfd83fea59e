"""Why a block has its label: what spoke for it in the first stage, and what its neighbours changed."""

from .explanation import Explanation, Neighbours, Reason
from .run import explain

__all__ = ["Explanation", "Neighbours", "Reason", "explain"]
