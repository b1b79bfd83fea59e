"""Write the table of word vectors that all models look words up in.

    python experiments/word_vectors.py WORDS.npz

WORDS.npz holds `words` (strings), `share` (how frequent each is) and `vectors` (words, n), what an encoder gives for
each word alone. The table that comes with pageblocks was made from the most frequent words of 42 languages in wordfreq
3.1.1, with a multilingual-e5-small that was trained further to label blocks. This is needed again only for another
encoder or other words; all models must then be trained again.
"""

import sys

import numpy as np

from toolkit.features.codes import encode
from toolkit.features.ngrams import Tokens
from toolkit.features.word_vectors import FILE, keys
from toolkit.support.files import data_path

DIMENSIONS = 64
STEPS = 5  # to a standard deviation; the mean of several words evens out the rounding
COMMON = 1e-3  # a word of this share counts half as much as a rare one
MOST = 1e-4  # the largest share of a word in the choice of dimensions


def main() -> None:
    """Reduce the vectors to the directions in which words differ most, scale these to the same spread, and round."""
    with np.load(sys.argv[1], allow_pickle=False) as file:
        words, share, vectors = file["words"], file["share"], file["vectors"].astype(np.float32)
    tokens = Tokens(*encode(words.tolist()))
    whole = np.diff(tokens.first) == 1
    hashes = tokens.hash[tokens.first[:-1][whole]]
    share, vectors = share[whole] / share.sum(), vectors[whole]
    slots, check = keys(hashes)
    # The first word of a slot, which is the most frequent one, has it.
    frequent = np.argsort(-share, kind="stable")
    slots, index = np.unique(slots[frequent], return_index=True)
    chosen = frequent[index]
    share, vectors, check = share[chosen], vectors[chosen], check[chosen]
    weight = np.minimum(share, MOST)
    vectors -= np.average(vectors, axis=0, weights=weight)
    spread, directions = np.linalg.eigh((vectors * weight[:, None]).T @ vectors)
    reduced = vectors @ directions[:, ::-1][:, :DIMENSIONS]
    reduced = reduced / reduced.std(axis=0) * STEPS
    out = data_path("words.toml").parent / FILE
    np.savez_compressed(
        out,
        vectors=np.clip(np.round(reduced), -127, 127).astype(np.int8),
        scale=np.float32(1 / STEPS),
        weights=(COMMON / (COMMON + share)).astype(np.float16),
        steps=np.diff(slots, prepend=0).astype(np.uint32),
        check=check,
    )
    kept = spread[::-1][:DIMENSIONS].sum() / spread.sum()
    size = out.stat().st_size / 1e6
    print(
        f"{out}: {len(slots)} of {len(words)} words, {DIMENSIONS} numbers ({kept:.0%} of the variance), {size:.1f} MB"
    )


if __name__ == "__main__":
    main()
