"""Data sets of the Hugging Face Hub, and folders that are laid out like one, streamed through `datasets`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from ..errors import BadInput, PageblocksError, SourceError, UsageError
from ..page import Page
from .base import Columns, OnError
from .rows import page_of_row

_SECONDS = 10.0  # for the Hub to say whether it has a data set


def read_hub(name: str, fail: OnError, columns: Columns) -> Iterator[Page]:
    """The pages of `NAME[:CONFIG[:SPLIT]]`; the split is train where none is named. Nothing is downloaded ahead or
    kept.
    """
    data_set, _, rest = name.partition(":")
    config, _, split = rest.partition(":")
    if not data_set:
        raise UsageError("hub: names no data set; give hub:NAME[:CONFIG[:SPLIT]]")
    import datasets
    from huggingface_hub import HfApi, constants

    for library in ("datasets", "huggingface_hub"):
        logging.getLogger(library).setLevel(logging.CRITICAL)  # what they have to say comes with the error
    number = 0
    try:
        if not Path(data_set).exists() and not constants.HF_HUB_OFFLINE:
            HfApi().dataset_info(
                data_set, timeout=_SECONDS
            )  # asks once: without a network `datasets` tries for half a minute
        rows = datasets.load_dataset(data_set, config or None, split=split or "train", streaming=True)
        for row in rows:
            number += 1
            try:
                page = page_of_row(row, columns, data_set, number)
            except BadInput as error:
                fail(error)
            else:
                yield page
    except PageblocksError:
        raise
    except Exception as error:  # the library raises whatever its file systems, parsers and the network raise
        why = " ".join(str(error).split())[:300] or type(error).__name__
        raise SourceError(
            f"hub:{name}: {'cannot be opened' if not number else f'breaks off after row {number}'} ({why})"
        ) from error
