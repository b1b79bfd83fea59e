"""The scheme of a model's labels, which `pageblocks train` writes into its `model.json`."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from pydantic import ValidationError

from ..scheme import Label, Scheme

SCHEME_TOML = "scheme_toml"
# For labels of which only the names are known.
_COLORS = ("#2EA86E", "#C77700", "#D6409F", "#3E63DD", "#7A8594", "#0E9AA7", "#B5651D", "#8E4EC6", "#A0A000", "#E5484D")


def scheme_facts(scheme: Scheme) -> dict[str, str]:
    """What `model.json` has of the scheme: its name and version, and its text."""
    return {"scheme": scheme.id, SCHEME_TOML: scheme.to_toml()}


def scheme_of_model(model: Any) -> Scheme:
    """The scheme that a model was trained with.

    Of models that do not have it, the labels get a scheme: the one that comes with pageblocks if it has them all, else
    one of their names, with colours.
    """
    facts, classes = getattr(model, "facts_", {}), [str(name) for name in model.classes_]
    try:
        found = Scheme.model_validate(tomllib.loads(str(facts[SCHEME_TOML])))
        if set(classes) <= set(found.names):
            return found
    except (KeyError, tomllib.TOMLDecodeError, ValidationError):
        pass
    if set(classes) <= set((default := Scheme.default()).names):
        return default
    name, _, version = str(facts.get("scheme", "")).partition("@")
    labels = [
        Label.model_construct(name=label, definition=label, color=_COLORS[k % len(_COLORS)])
        for k, label in enumerate(classes)
    ]
    return Scheme.model_construct(
        name=re.sub(r"[^\w.-]", "", name) or "labels", version=re.sub(r"[^\w.-]", "", version) or "1", labels=labels,
        default_label=classes[-1],
    )  # fmt: skip
