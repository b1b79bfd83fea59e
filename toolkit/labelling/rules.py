"""Labels that break the scheme's rules, as far as a machine can see it. Each rule is a row: what it says, and when it
is broken.

A hit is a doubt for a person to look at, no verdict. The rules are those of the scheme that comes with pageblocks; of
another scheme those count that speak of its labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..page import Blocks, Flag


def _words(text: str) -> frozenset[str]:
    return frozenset(line.strip() for line in text.split("|"))


CALLS = _words(
    "subscribe|subscribe now|donate|donate now|join|join us|join now|become a member|give|give now|give once|get the "
    "app"
    "|download the app|support us|abonnieren|jetzt abonnieren|spenden|jetzt spenden|mitglied werden|s'abonner|je "
    "m'abonne"
    "|faire un don|suscríbete|suscribirse|donar|dona|abbonati|dona ora|assine|doar|doneer|word "
    "lid|підтримати|prenumerera"
)
NETWORKS = _words(
    "facebook|twitter|x|linkedin|whatsapp|instagram|youtube|pinterest|reddit|telegram|mastodon|bluesky|threads|tiktok|rss"
    "|share|print|reply|like|teilen|drucken|antworten|partager|imprimer|répondre|compartir|imprimir|responder"
)
ACCOUNT = _words(
    "sign in|log in|login|my account|account|anmelden|einloggen|mein konto|se connecter|connexion|mon compte|iniciar "
    "sesión"
    "|mi cuenta|accedi|entrar|inloggen|logga in|увійти"
)
ADVERT = _words(
    "advertisement|advertising|sponsored|ad|anzeige|werbung|publicité|publicidad|pubblicità|publicidade|advertentie"
)
SKIPS = (
    "skip to ",
    "zum inhalt springen",
    "direkt zum inhalt",
    "aller au contenu",
    "saltar al contenido",
    "ir al contenido",
)
_NEAR = 3  # blocks that count as beside


@dataclass(frozen=True)
class Rule:
    """`broken` gets the blocks, all labels of the page (None: not labelled) and the index of a block that has one.

    It gives the label that the rule wants; None where the rule is kept, or blocks without a label leave it open.
    """

    name: str
    says: str
    broken: Callable[[Blocks, Sequence[str | None], int], str | None]


def _plain(blocks: Blocks, i: int) -> str:
    return " ".join(blocks.text[i].split()).strip(" .!:»›→>•|").casefold()


def _when(
    wrong: Sequence[str], right: str, test: Callable[[Blocks, int], bool]
) -> Callable[[Blocks, Sequence[str | None], int], str | None]:
    return lambda blocks, labels, i: right if labels[i] in wrong and test(blocks, i) else None


def _lone_call(blocks: Blocks, labels: Sequence[str | None], i: int) -> str | None:
    if _plain(blocks, i) not in CALLS:
        return None
    if labels[i] in ("sidebar", "caption"):
        return "appeal"
    beside = [*range(max(0, i - _NEAR), i), *range(i + 1, min(len(blocks), i + 1 + _NEAR))]
    return "appeal" if labels[i] == "form" and not any(labels[k] in ("form", None) for k in beside) else None


def _loose_mark(blocks: Blocks, labels: Sequence[str | None], i: int) -> str | None:
    text = blocks.text[i]
    if not 0 < i < len(blocks) - 1 or len(text) > 8 or any(c.isalpha() for c in text):
        return None
    return labels[i - 1] if labels[i] not in (around := labels[i - 1 : i + 2 : 2]) and None not in around else None


def _heading(blocks: Blocks, labels: Sequence[str | None], i: int) -> str | None:
    below = set(labels[i + 1 : i + 1 + _NEAR])
    if not blocks.flags[i] & Flag.HEADING or labels[i] != "sidebar" or len(labels) < i + 1 + _NEAR:
        return None
    return "article" if below == {"article"} else None


def _hint(blocks: Blocks, i: int) -> bool:
    return bool(blocks.flags[i] & Flag.OPTIONAL) and blocks.tag[i] in ("input", "textarea")


def _notice(blocks: Blocks, i: int) -> bool:
    text = " ".join(blocks.text[i].casefold().split())
    return text.startswith(("©", "copyright ©")) or "all rights reserved" in text


RULES = (
    Rule("lone-call", "a call to action alone is appeal; it is form only if it submits fields beside it", _lone_call),
    Rule("bare-name", "the name of a network or action alone is sidebar",
         _when(("appeal", "article"), "sidebar", lambda b, i: _plain(b, i) in NETWORKS)),
    Rule("account-link", "links to sign in or to an account are sidebar; inside a log-in box they are form",
         _when(("appeal", "article"), "sidebar", lambda b, i: _plain(b, i) in ACCOUNT)),
    Rule("advert-mark", "the word that marks an advertisement is appeal",
         _when(("article", "sidebar", "caption", "form"), "appeal", lambda b, i: _plain(b, i) in ADVERT)),
    Rule("skip-link", "skip links are sidebar",
         _when(("article", "appeal", "caption", "form"), "sidebar",
               lambda b, i: bool(b.flags[i] & Flag.LINK) and _plain(b, i).startswith(SKIPS))),
    Rule("field", "hints, options and values of fields are form",
         _when(("article", "appeal", "caption", "sidebar"), "form",
               lambda b, i: bool(b.flags[i] & Flag.OPTIONS) or _hint(b, i))),
    Rule("captcha", "captcha notices are form",
         _when(("article", "appeal", "caption", "sidebar"), "form", lambda b, i: "by recaptcha" in _plain(b, i))),
    Rule("copyright", "copyright lines are sidebar",
         _when(("article", "form"), "sidebar", lambda b, i: bool(b.flags[i] & Flag.FOOTER) and _notice(b, i))),
    Rule("loose-mark", "digits or punctuation alone have the label of the thing that they are a part of", _loose_mark),
    Rule("heading", "a heading has the label of what is below it", _heading),
)  # fmt: skip


def broken_rules(
    blocks: Blocks, labels: Sequence[str | None], names: Sequence[str], *, only: Iterable[int] | None = None
) -> Iterator[tuple[int, Rule, str]]:
    """(index of the block, the rule that its label breaks, the label that the rule wants); only labels in `names`.

    `only`: the blocks to look at, by default all.
    """
    for i in range(len(blocks)) if only is None else sorted(only):
        if labels[i] is None:
            continue
        for rule in RULES:
            right = rule.broken(blocks, labels, i)
            if right is not None and right in names:
                yield i, rule, right
