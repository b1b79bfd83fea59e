"""A batch of pages in a process that must not stop at one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..errors import PageblocksError, internal_error
from ..page import Blocks, Page
from ..segment import segment
from ..support.limits import TooLong, limited
from ..support.text import counted
from .result import Classified
from .run import BlockModel, label_pages

# The slow imports of a process that labels batches.
PRELOAD = ("toolkit.model", "toolkit.segment.document", "threadpoolctl")


def label_batch(
    sources: Sequence[str],
    page: Callable[[int], Page],
    model: BlockModel,
    *,
    time_limit: float,
    main: bool = True,
    looking_at: Callable[[int], None],
) -> list[Classified | str]:
    """Label pages with one prediction; a page that fails costs only itself.

    Parameters
    ----------
    sources : sequence of str
        What messages call the pages.
    page : callable
        Gives a page by its index in `sources`.
    model : BlockModel
        The classifier.
    time_limit : float
        Seconds of processor time for one page (main thread only, see `limited`).
    main : bool, default=True
        Whether main content is estimated.
    looking_at : callable
        Called with the index of the page that is segmented next, and with -1 before all are labelled.

    Returns
    -------
    list of Classified or str
        For each page its labelled blocks, or the sentence that says why there are none.
    """
    answers: list[Classified | str] = [""] * len(sources)
    found: list[tuple[int, Blocks]] = []

    def failed(k: int, error: BaseException) -> str:
        if isinstance(error, PageblocksError):
            return str(error)
        if isinstance(error, TooLong):
            return f"{sources[k]}: takes longer than {counted(time_limit, 'second')}; cut off"
        return f"{sources[k]}: {internal_error(error)}, with the page if you can"

    for k in range(len(sources)):
        looking_at(k)
        try:
            with limited(time_limit):
                found.append((k, segment(page(k))))
        except (Exception, TooLong) as error:
            answers[k] = failed(k, error)
    looking_at(-1)
    left = [found] if found else []
    while left:  # all at once, which is fast; one by one where that fails
        some = left.pop()
        try:
            with limited(time_limit * len(some)):
                for (k, _), labelled in zip(
                    some, label_pages([blocks for _, blocks in some], model, main), strict=True
                ):
                    answers[k] = labelled
        except (Exception, TooLong) as error:
            if len(some) == 1:
                answers[some[0][0]] = failed(some[0][0], error)
            else:
                left += [[one] for one in some]
    return answers
