"""A callable class for `map_batches` of Ray Data."""

from toolkit.pipelines.ray import LabelBlocks

__all__ = ["LabelBlocks"]
