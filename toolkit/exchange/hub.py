"""A corpus as a `datasets.DatasetDict` with train, validation and test, and as a folder that the Hub takes as it is."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..corpus import PARTS, split
from ..corpus.scheme import scheme_path
from ..errors import BadInput, Mismatch, PageblocksError
from ..page import group_of
from ..scheme import Scheme
from ..support.files import write_atomic
from ..support.text import counted, without_surrogates
from .rows import LabelledPage, labelled_block_rows, page_facts

if TYPE_CHECKING:
    from datasets import DatasetDict, Features

# Configuration -> the folder of its files. The first is load_dataset's default.
CONFIGS = {"blocks": "data", "pages": "pages"}


def features(config: str, names: Sequence[str]) -> Features:
    """The columns of `blocks` (one row a block) or `pages` (one row a page, its blocks as lists).

    Labels are in the scheme's order.
    """
    from datasets import ClassLabel, Features, List, Value  # start-up

    text, label = Value("string"), ClassLabel(names=list(names))
    of_page = dict.fromkeys(("url", "site", "language", "type", "format", "sha256"), text)
    if config == "pages":
        return Features({"page": text, **of_page, "texts": List(text), "tags": List(text), "labels": List(label)})
    del of_page["sha256"]
    small, real = Value("int32"), Value("float32")
    of_block = {"position": small, "text": text, "label": label, "tag": text, "path": text, "names": text}
    return Features(
        {"page": text, "block": text, **of_block, "flags": small, "link_density": real, "depth": small, **of_page}
    )


def dataset_dict(
    pages: Sequence[LabelledPage],
    scheme: Scheme,
    config: str = "blocks",
    *,
    splits: dict[str, str] | None = None,
    seed: int = 0,
) -> DatasetDict:
    """Make a `datasets.DatasetDict` of labelled pages, split by site.

    Parameters
    ----------
    pages : sequence of LabelledPage
        The pages, each with `blocks`, one label (str or None) per block, its `row` in `pages.jsonl`, and `gold`.
    scheme : Scheme
        The labels, in the order of the class numbers.
    config : {"blocks", "pages"}, default="blocks"
        One row per block, or one row per page with its blocks as lists.
    splits : dict of str to {"train", "validation", "test"}, optional
        The part of each site, as `group_of` names it. By default the pages are split by a hash of their sites.
    seed : int, default=0
        Seed of that hash.

    Returns
    -------
    datasets.DatasetDict
        Data sets `train`, `validation` and `test`. Blocks without a label have None.

    Raises
    ------
    BadScheme
        If a label is not in the scheme.
    Mismatch
        If a site is not in `splits`.
    """
    from datasets import Dataset, DatasetDict  # start-up

    sites = [group_of(page.blocks) for page in pages]
    where = splits
    if where is None:
        chosen = split([page.blocks for page in pages], seed=seed)
        where = {site: chosen.part(site) for site in sites}
    if unknown := sorted({site for site in sites if where.get(site) not in PARTS}):
        raise Mismatch(
            f"the split does not say where {unknown[0]!r} belongs ({counted(len(unknown), 'site')}); create it "
            "again with `pageblocks split --force`"
        )
    scheme.refuse_unknown(page.labels for page in pages)
    columns = features(config, scheme.names)
    found: dict[str, Any] = {}
    for part in PARTS:
        rows: list[dict[str, Any]] = []
        for page, site in zip(pages, sites, strict=True):
            if where[site] == part:
                rows += [_page_row(page)] if config == "pages" else labelled_block_rows(page)
        found[part] = Dataset.from_dict({name: [row[name] for row in rows] for name in columns}, features=columns)
    return DatasetDict(found)


def write_folder(
    pages: Sequence[LabelledPage], out: Path, scheme: Scheme, *, splits: dict[str, str] | None = None, seed: int = 0
) -> dict[str, dict[str, Any]]:
    """Write the Parquet files of both configurations; `dataset_info` of each, as the card's head has it."""
    from pyarrow import parquet  # start-up

    infos: dict[str, dict[str, Any]] = {}
    for config, folder in CONFIGS.items():
        made = dataset_dict(pages, scheme, config, splits=splits, seed=seed)
        sizes = {}
        for part in PARTS:
            if not made[part].num_rows:
                continue  # load_dataset cannot open a file without rows
            buffer = io.BytesIO()
            # Not Dataset.to_parquet: it draws a progress bar of its own. The features go with the file's schema.
            parquet.write_table(
                made[part].data.table.cast(made[part].features.arrow_schema), buffer, compression="zstd"
            )
            write_atomic(out / folder / f"{part}-00000-of-00001.parquet", buffer.getvalue())
            sizes[part] = {"num_examples": made[part].num_rows, "num_bytes": made[part].data.nbytes}
        infos[config] = {
            "config_name": config,
            "features": features(config, scheme.names)._to_yaml_list(),
            "splits": [{"name": part, **size} for part, size in sizes.items()],
            "dataset_size": sum(size["num_bytes"] for size in sizes.values()),
            "download_size": sum(path.stat().st_size for path in (out / folder).glob("*.parquet")),
        }
    return infos


def configs(infos: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The `configs` of the card's head: where the files of each configuration and split are. A split without pages has
    none.
    """
    return [
        {
            "config_name": config,
            **({"default": True} if config == "blocks" else {}),
            "data_files": [{"split": part, "path": f"{folder}/{part}-*.parquet"} for part in _filled(infos[config])],
        }
        for config, folder in CONFIGS.items()
    ]


def _filled(info: Mapping[str, Any]) -> list[str]:
    return [str(split["name"]) for split in info["splits"]]


def files_to_send(folder: Path | str) -> list[str]:
    """The files of an exported folder that go to the Hub: the card, the scheme and the Parquet files only."""
    folder = Path(folder)
    found = sorted(
        str(path.relative_to(folder)) for data in CONFIGS.values() for path in (folder / data).glob("*.parquet")
    )
    if not found or not (folder / "README.md").exists():
        raise BadInput(f"{folder}: not a data set to send; make one with `pageblocks export CORPUS --format datasets`")
    return ["README.md", *(path.name for path in [scheme_path(folder)] if path.exists()), *found]


def push_to_hub(folder: Path | str, name: str, private: bool = True) -> str:
    """Send an exported folder to the Hugging Face Hub.

    The token is that of `hf auth login` or of the environment variable `HF_TOKEN`. Only the card, the scheme and the
    Parquet files are sent.

    Parameters
    ----------
    folder : Path or str
        A folder that `export` made in the format `datasets`.
    name : str
        Name of the data set, `USER/NAME`. It is created if it does not exist.
    private : bool, default=True
        Whether a new data set is private.

    Returns
    -------
    str
        Address of the data set.

    Raises
    ------
    BadInput
        If the folder is not an exported data set.
    PageblocksError
        If the Hub refuses it or cannot be reached.
    """
    from huggingface_hub import HfApi  # start-up
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError  # start-up

    send = files_to_send(folder)
    try:
        api = HfApi()
        url = api.create_repo(name, repo_type="dataset", private=private, exist_ok=True)
        api.upload_folder(repo_id=name, repo_type="dataset", folder_path=str(folder), allow_patterns=send)
    except (HfHubHTTPError, HFValidationError, OSError) as error:
        why = " ".join(str(error).split())[:200]
        mend = "log in with `hf auth login`, or set HF_TOKEN"
        raise PageblocksError(f"{name}: cannot be sent to the Hub ({why}); {mend}") from error
    return str(url)


def _page_row(page: LabelledPage) -> dict[str, Any]:
    return {
        **page_facts(page),
        "texts": [without_surrogates(text) for text in page.blocks.text],
        "tags": [without_surrogates(tag) for tag in page.blocks.tag],
        "labels": page.labels,
    }
