"""Data sets of the Hugging Face Hub, and folders with the same layout, streamed with `datasets`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import datasets
from huggingface_hub import HfApi, constants

from ..errors import BadInput, PageblocksError, SourceError, UsageError
from ..page import Page
from .base import Columns, OnError
from .rows import page_of_row

_SECONDS = 10.0  # for the Hub to answer whether it has a data set


def read_hub(name: str, fail: OnError, columns: Columns) -> Iterator[Page]:
    """The pages of `NAME[:CONFIG[:SPLIT]]`, by default of the split train; nothing is downloaded in advance or kept."""
    data_set, _, rest = name.partition(":")
    config, _, split = rest.partition(":")
    if not data_set:
        raise UsageError("hub: names no data set; give hub:NAME[:CONFIG[:SPLIT]]")

    for library in ("datasets", "huggingface_hub"):
        logging.getLogger(library).setLevel(logging.CRITICAL)  # their messages come with the error
    number = 0
    try:
        if not Path(data_set).exists() and not constants.HF_HUB_OFFLINE:
            # One request: without a network `datasets` would retry for half a minute.
            HfApi().dataset_info(data_set, timeout=_SECONDS)
        rows = datasets.load_dataset(data_set, config or None, split=split or "train", streaming=True)
        for row in rows:
            number += 1
            try:
                page = page_of_row(row, columns, data_set, number=number)
            except BadInput as error:
                fail(error)
            else:
                yield page
    except PageblocksError:
        raise
    except Exception as error:  # the library passes on any error of its file systems, parsers and the network
        why = " ".join(str(error).split())[:300] or type(error).__name__
        raise SourceError(
            f"hub:{name}: {'cannot be opened' if not number else f'breaks off after row {number}'} ({why})"
        ) from error
