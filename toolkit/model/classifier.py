"""BlockClassifier: a scikit-learn estimator whose samples are pages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..classify.run import Classifies
from ..errors import BadModel, Mismatch
from ..features.build import Features, extract
from ..page import Blocks, Page
from ..segment import segment
from ..support.text import counted
from . import store
from .arrays import Probabilities
from .estimator import Estimator, PerPage
from .family import Family
from .sample import ContentPages, Silver, check_lengths, check_samples

Said = tuple[Probabilities, ...]
Progress = Callable[[str], None]

_TRIAL = {"html": b"<p>The night ferry</p><p>It left on Monday</p>", "text": b"The night ferry\n\nIt left on Monday\n"}
_BATCH = 8_000  # blocks per batch: enough to be fast, few enough to stay in the cache


class BlockClassifier(Classifies, Estimator):
    """A scikit-learn classifier that labels the blocks of pages.

    Samples are pages (`Blocks`); the target of a page is a list with one label per block, None for blocks without.
    `classify`, `classify_many` and `extract` take whole pages, as HTML or as `pageblocks.read_pages` reads them.

    There are two families of weights, one for HTML and one for plain text, which learns from the same pages without
    their markup. In each family, linear models over hashed words score each block alone (first stage). A small
    convolutional network then reads the blocks of a page in order (second stage): their first scores, their features,
    and the mean vectors of their words. It is trained on out-of-fold answers of the first stage, grouped by site.

    Parameters
    ----------
    folds : int, default=5
        Folds by site for the out-of-fold answers of the first stage.
    members : int, default=1
        Number of networks, whose answers are averaged.
    hidden : int, default=64
        Hidden units of each layer.
    epochs : int, default=8
        Passes of the training over the blocks.
    dumps : int, default=1
        Plain-text versions of each HTML page that the text family learns from, at most one of a page with silver
        labels; every second one has an appeal or a sidebar inserted into the story. With 0 it learns from text pages
        only.
    vectors : bool, default=True
        Whether the second stage looks at the vectors of words, which a text encoder gave for words of 42 languages.
    random_state : int, default=0
        Seed of all random choices: equal seeds and pages give equal weights on one machine.

    Attributes
    ----------
    classes_ : ndarray of shape (n_labels,)
        Labels in alphabetical order, as scikit-learn sorts them, and not in the order of the scheme. The columns of all
        probabilities follow it.
    story_ : str
        The label with the most words in the training pages.
    families_ : dict of str to Family
        Weights for `html` and `text`, each as far as there were pages for it.
    facts_ : dict
        What is known of the training: numbers of pages and blocks, and hashes of the sites and pages.

    Examples
    --------
    >>> import pageblocks
    >>> from pageblocks.segment import segment
    >>> html = b"<h1>Ferry sails</h1><p>It left on Monday.<p>Subscribe!"
    >>> page = segment(pageblocks.Page("first", "first.html", html))
    >>> model = pageblocks.BlockClassifier(members=1, epochs=1, folds=2, dumps=0)
    >>> model.fit([page] * 4, [["article", "article", "appeal"]] * 4).classes_.tolist()
    ['appeal', 'article']
    """

    def __init__(
        self, *, folds: int = 5, members: int = 1, hidden: int = 64, epochs: int = 8, dumps: int = 1,
        vectors: bool = True, random_state: int = 0,
    ) -> None:  # fmt: skip
        self.folds = folds
        self.members = members
        self.hidden = hidden
        self.epochs = epochs
        self.dumps = dumps
        self.vectors = vectors
        self.random_state = random_state

    def fit(
        self, pages: Sequence[Blocks], labels: Sequence[Sequence[str | None]], content: ContentPages | None = None,
        *, silver: Silver | None = None, formats: Collection[str] = ("html", "text"),
        progress: Progress = lambda _: None, init: BlockClassifier | None = None,
    ) -> BlockClassifier:  # fmt: skip
        """Learn from labelled pages.

        Parameters
        ----------
        pages : sequence of Blocks
            Training pages.
        labels : sequence of sequence of str or None
            For each page one label per block. A block with the label None is context for its neighbours only.
        content : tuple of (sequence of Blocks, sequence of sequence of int), optional
            Pages, and for each of their blocks whether it is main content (1) or not (0). A page with the id of a
            labelled one is the same page.
        silver : Silver, optional
            Pages that another model labelled, to learn from its probabilities. Those of labelled pages are not used.
        formats : collection of {"html", "text"}, default=("html", "text")
            Formats of the pages that the classifier is asked about later; others are not learned.
        progress : callable, optional
            Called with one line of text at the start of each step.
        init : BlockClassifier, optional
            A fitted model to start from. Its first stage is kept. Its second stage is trained further if the labels of
            `pages` are among its own, and replaced otherwise. Then ten pages are enough to adapt to a site or to learn
            other labels. `content`, `silver` and the parameter `vectors` are not used then.

        Returns
        -------
        BlockClassifier
            The fitted estimator itself.

        Raises
        ------
        Mismatch
            If numbers of pages, blocks and labels differ, or silver has other labels.
        TooFewLabels
            If there are not at least two different labels.
        """
        from .learn import learn  # start-up

        learned = learn(
            self, pages, labels, content=content, silver=silver, formats=formats, progress=progress, init=init
        )
        self.classes_: npt.NDArray[np.str_] = learned.classes
        self.story_ = learned.story
        self.families_: dict[str, Family] = learned.families
        self.facts_: dict[str, Any] = learned.facts
        return self

    def predict_proba(self, pages: Sequence[Blocks]) -> list[Probabilities]:
        """Estimate the probability of each label for each block.

        Parameters
        ----------
        pages : sequence of Blocks
            The pages.

        Returns
        -------
        list of ndarray of shape (n_blocks, n_labels)
            One array per page; columns follow `classes_`, rows add up to 1.
        """
        return self._asked_one(pages, lambda family, features: family.probabilities(features)[0])

    def predict_main(self, pages: Sequence[Blocks]) -> list[Probabilities]:
        """Estimate how likely each block is main content.

        This is learned from the `content` and `silver` pages of `fit`, or taken over from its `init`. A model without
        it answers with the probability of the label `story_`.

        Parameters
        ----------
        pages : sequence of Blocks
            The pages.

        Returns
        -------
        list of ndarray of shape (n_blocks,)
            One array per page, with values from 0 to 1.
        """
        return [main for _, main in self.predict_both(pages)]

    def predict_both(self, pages: Sequence[Blocks]) -> list[tuple[Probabilities, Probabilities]]:
        """Compute `predict_proba` and `predict_main` together, which takes half the time.

        Parameters
        ----------
        pages : sequence of Blocks
            The pages.

        Returns
        -------
        list of tuple of ndarray
            For each page the array of `predict_proba` and that of `predict_main`.
        """

        def ask(family: Family, features: Features) -> tuple[Probabilities, Probabilities]:
            labels, main = family.probabilities(features)
            return labels, labels[:, self._story_column] if main is None else main

        nothing = np.zeros((0, len(getattr(self, "classes_", ()))), np.float32)
        return self._asked(pages, ask, (nothing, nothing.sum(axis=1)))

    def predict_first(self, pages: Sequence[Blocks]) -> list[Probabilities]:
        """Compute `predict_proba` from the first stage only: each block alone, with the words of its neighbours.

        Parameters
        ----------
        pages : sequence of Blocks
            The pages.

        Returns
        -------
        list of ndarray of shape (n_blocks, n_labels)
            One array per page; columns follow `classes_`. If `fit` kept the first stage of a model with other labels
            (`init`), they follow that model's, which are in `facts_["first_labels"]` by format.
        """
        return self._asked_one(pages, lambda family, features: family.first(features)["joint"])

    def _asked_one(
        self, pages: Sequence[Blocks], ask: Callable[[Family, Features], Probabilities]
    ) -> list[Probabilities]:
        nothing = np.zeros((0, len(getattr(self, "classes_", ()))), np.float32)
        return [found for (found,) in self._asked(pages, lambda family, features: (ask(family, features),), (nothing,))]

    def _asked(self, pages: Sequence[Blocks], ask: Callable[[Family, Features], Said], nothing: Said) -> list[Any]:
        self._check_fitted("call fit, or load a model")
        check_samples(pages)
        out = [nothing] * len(pages)
        for format in ("html", "text"):
            chosen = [i for i, page in enumerate(pages) if page.page.format == format and len(page)]
            if chosen and format not in self.families_:
                raise BadModel(f"this model did not learn from {format} pages; train it with some to label them")
            for some in _batches(chosen, pages):
                features = extract([pages[i] for i in some])
                found = ask(self.families_[format], features)
                bounds = features.batch.bounds
                for k, i in enumerate(some):
                    out[i] = tuple(part[bounds[k] : bounds[k + 1]] for part in found)
        return out

    def __getstate__(self) -> dict[str, Any]:
        state = {name: value for name, value in vars(self).items() if name not in ("_version", "_packed")}
        if (families := state.pop("families_", None)) is not None:
            # Kept, because a pool of processes pickles the model with every task.
            packed = getattr(self, "_packed", None)
            if packed is None or packed[0] is not families:
                packed = self._packed = (families, store.pack(families))
            state["_packed"] = packed[1]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if (packed := vars(self).pop("_packed", None)) is not None:
            self.families_ = store.unpack(packed)
            self._packed = (self.families_, packed)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "families_")

    def _check_fitted(self, advice: str) -> None:
        if not self.__sklearn_is_fitted__():
            from sklearn.exceptions import NotFittedError  # start-up

            raise NotFittedError(f"this BlockClassifier is not fitted yet; {advice}")

    @property
    def _story_column(self) -> int:
        return int(np.searchsorted(self.classes_, self.story_))

    def predict(self, pages: Sequence[Blocks]) -> list[list[str]]:
        """Predict the most probable label of each block.

        Parameters
        ----------
        pages : sequence of Blocks
            The pages.

        Returns
        -------
        list of list of str
            For each page one label per block.
        """
        return PerPage(self.classes_[p.argmax(axis=1)].tolist() if len(p) else [] for p in self.predict_proba(pages))

    @property
    def version(self) -> str:
        """A name made from the hash of the weights; suggestions record it as the model that made them."""
        # Hashing all weights takes a tenth of a second, so the name is kept together with the weights that it is of.
        known = getattr(self, "_version", None)
        if known is None or known[0] is not self.families_:
            known = self._version = (self.families_, f"blocks-{store.fingerprint(self.families_)}")
        return str(known[1])

    def score(
        self,
        pages: Sequence[Blocks],
        labels: Sequence[Sequence[str | None]],
        sample_weight: Sequence[float] | None = None,
    ) -> float:
        """Compute the share of labelled blocks that get the right label.

        Parameters
        ----------
        pages : sequence of Blocks
            Test pages.
        labels : sequence of sequence of str or None
            For each page one label per block; blocks with None do not count.
        sample_weight : sequence of float, optional
            One weight per page, which applies to each of its blocks.

        Returns
        -------
        float
            Accuracy over blocks, from 0 to 1.
        """
        check_lengths(pages, labels)
        weights = np.ones(len(pages)) if sample_weight is None else np.asarray(sample_weight, np.float64)
        if weights.shape != (len(pages),):
            raise Mismatch(
                f"{counted(weights.size, 'weight')} for {counted(len(pages), 'page')}; give one weight per page"
            )
        pairs = zip(self.predict(pages), labels, strict=True)
        right = np.array([sum(a == b for a, b in zip(found, answers, strict=True)) for found, answers in pairs])
        blocks = np.array([sum(answer is not None for answer in answers) for answers in labels])
        total = float(weights @ blocks) if len(pages) else 0.0
        return float(weights @ right) / total if total else 0.0

    def save(self, folder: Path | str, facts: dict[str, Any] | None = None) -> None:
        """Write the model to a folder, as arrays and JSON; pickle is not used.

        Parameters
        ----------
        folder : Path or str
            Folder to write. An existing model in it is replaced.
        facts : dict, optional
            Facts about the model (corpus, metrics) to add to its `model.json`.

        Raises
        ------
        PageblocksError
            If the folder cannot be written.
        """
        self._check_fitted("there is nothing to save")
        import platform  # start-up

        import sklearn  # start-up

        versions = {"python": platform.python_version(), "numpy": np.__version__, "scikit-learn": sklearn.__version__}
        store.write_model(
            folder,
            self.families_,
            {"labels": self.classes_.tolist(), "story": self.story_, "parameters": self.get_params(),
            "versions": versions}
            | self.facts_ | (facts or {}),
        )  # fmt: skip

    @classmethod
    def load(cls, folder: Path | str) -> BlockClassifier:
        """Open a saved model. No code from the folder is run.

        Parameters
        ----------
        folder : Path or str
            Folder that `save` wrote.

        Returns
        -------
        BlockClassifier
            The fitted model.

        Raises
        ------
        BadModel
            If the model is damaged or from a newer version.
        """
        families, facts = store.read_model(folder)
        try:
            known = cls().get_params()
            model = cls(**{name: value for name, value in facts.get("parameters", {}).items() if name in known})
            model.families_ = families
            model.classes_ = store.read_labels(facts)
            model.story_ = str(facts["story"])
            model.facts_ = {
                name: value for name, value in facts.items() if name not in ("sha256", "families", "format")
            }
            model._try_out()
        except store.UNFIT as error:
            why = " ".join(str(error).split())
            raise BadModel(
                f"{folder}: its parts do not fit together ({why:.200}); copy or train the model again"
            ) from error
        return model

    def _try_out(self) -> None:
        """Label a page of two blocks, so that weights of wrong shapes fail here and not in the middle of a crawl."""
        for format in self.families_:
            page = segment(Page("page", "page", _TRIAL[format], format="text" if format == "text" else "html"))
            with np.errstate(all="ignore"):  # NaN is reported in one line below
                (chances,) = self.predict_proba([page])
            if chances.shape != (2, len(self.classes_)) or not np.allclose(chances.sum(axis=1), 1, atol=1e-3):
                raise ValueError("no probabilities come out")


def _batches(chosen: list[int], pages: Sequence[Blocks]) -> Iterator[list[int]]:
    batch: list[int] = []
    blocks = 0
    for i in chosen:
        batch.append(i)
        blocks += len(pages[i])
        if blocks >= _BATCH:
            yield batch
            batch, blocks = [], 0
    if batch:
        yield batch
