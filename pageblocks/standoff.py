"""Labels that are kept apart from the pages."""

from toolkit.standoff import Annotation, attach, detach, read_annotations, write_annotations

__all__ = ["Annotation", "attach", "detach", "read_annotations", "write_annotations"]
