"""The language of a page: the declared one, else the one detected from its words."""

from __future__ import annotations

from resiliparse.parse.lang import detect_fast

_ENOUGH = 3000  # characters; more does not make the answer better
_UNSURE = 1200  # detect_fast's distance above which its answer is a guess


def language_of(said: str, texts: list[str]) -> str:
    """Two letters (`en`), or "" if the page declares no language and detection is not sure."""
    code = said.strip().replace("_", "-").split("-")[0].lower()
    if len(code) == 2 and code.isalpha():
        return code
    sample: list[str] = []
    size = 0
    for text in sorted(texts, key=len, reverse=True)[:20]:
        sample.append(text)
        size += len(text)
        if size > _ENOUGH:
            break
    language, distance = detect_fast(" ".join(sample)[:_ENOUGH])
    return language if distance < _UNSURE and language != "unknown" else ""
