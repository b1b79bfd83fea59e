"""The label scheme: a TOML file with the labels, their definitions and their colours.

The Label Studio project, the annotators' instructions, the order of classes, the choices of the commands and the
reports' colours are all made from it, so that another scheme file works without a change of code.
"""

from __future__ import annotations

import html
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import tomli_w
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from .errors import BadScheme, first_problem
from .support.files import data_path
from .support.text import counted

# The names that tasks, predictions and results share with the labelling configuration.
FROM_NAME, TO_NAME = "label", "page"
DATA_KEYS = ("title", "url", "html")  # every task must carry all three, or Label Studio refuses it

_OWN = ",".join(f'[class*="htx-highlight-b{digit}"]' for digit in range(10))  # regions of blocks: b0000
_VIEW = f"""<View>
  <Style>{{style}}</Style>
  <Header value="$title" size="4"/>
  <Header value="$url" size="6"/>
  <HyperTextLabels name="{FROM_NAME}" toName="{TO_NAME}" choice="single" showInline="true">
{{labels}}
  </HyperTextLabels>
  <HyperText name="{TO_NAME}" value="$html" granularity="paragraph" inline="true" showLabels="true"
  clickableLinks="false"/>
</View>
"""
_NAMED = re.compile(r"\(([^\s()]+)\)$")  # "teasers (sidebar)": what is excluded, and the label that it has
_GUIDE = (
    ".guide p,.guide ul,.guide ol{margin:0 0 12px}.guide h3{margin:18px 0 8px}.guide li{margin:0 0 5px}"
    ".guide ul{list-style:disc;padding-left:22px}.guide ol{list-style:decimal;padding-left:28px}"
    ".guide b[class]{padding:1px 7px;border-radius:3px}"
)
# What annotators do, in the instructions of each project.
_HOW = (
    ("Click a block, then press the key of the label", "labels the block"),
    ("Ctrl+click each of several blocks, then the key", "labels all of them"),
    ("Draw with the mouse from the first block to the last, then the key", "labels a run; the key may come first"),
    ("j and k", "next and previous block (on a server that pageblocks did not start: Alt+. for the next one)"),
    ("n", "next block that the model is unsure of, or that a review asks about: those have a yellow bar"),
    ("Ctrl+Enter, Ctrl+Space", "submit the page, skip it"),
    ("Ctrl+Z", "undo; never delete a region, because each block keeps one label"),
)
_STRICT = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Label(BaseModel):
    """One label of a scheme; read-only.

    Parameters
    ----------
    name : str
        Printable name of at most 60 characters, without `,` `;` `/` `\\` `<` `>` `&` and quotes.
    definition : str
        What the label means, in a sentence.
    includes, excludes : list of str
        What belongs to the label, and what does not.
    examples : list of str
        Texts of blocks with this label.
    color : str
        Colour as #rrggbb.
    hotkey : str, default=""
        Key of the label in Label Studio: one digit or small letter.
    """

    model_config = _STRICT

    name: str = Field(min_length=1, max_length=60)
    definition: str = Field(min_length=1)
    includes: list[str] = []
    excludes: list[str] = []
    examples: list[str] = []
    color: str
    hotkey: str = ""

    @field_validator("name")
    @classmethod
    def _printable(cls, value: str) -> str:
        # Label Studio takes any name, but spreadsheets, file names and the terminal do not.
        if not value.isprintable() or any(c in value for c in ",;/\\<>&\"'"):
            raise ValueError("a name is printable and without , ; / \\ < > & or quotes")
        return value

    @field_validator("color")
    @classmethod
    def _hex(cls, value: str) -> str:
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            raise ValueError(f"{value!r} is not a colour; write it as #rrggbb")
        return value.upper()

    @field_validator("hotkey")
    @classmethod
    def _one_key(cls, value: str) -> str:
        if value and not re.fullmatch(r"[0-9a-z]", value):
            raise ValueError(f"{value!r} is not a hotkey; write one digit or small letter")
        return value


class Scheme(BaseModel):
    """A set of labels with their definitions, colours and rules; read-only.

    Parameters
    ----------
    name : str
        Name of the scheme: letters, digits, `_`, `.` and `-`, at most 60 of them.
    version : str
        Version of the scheme, made of the same characters, at most 20 of them.
    question : str, default="Which label does this block get?"
        The question that annotators answer for each block.
    advice : str, default=""
        General advice for annotators.
    rules : list of str, default=[]
        Rules for blocks that two labels fit, the most important first.
    labels : list of Label
        Two or more labels, in the order in which reports show them.
    default_label : str, default=""
        The label of a block that nothing else is known of; the last label by default.

    Examples
    --------
    >>> from pageblocks import Scheme
    >>> scheme = Scheme.default()
    >>> scheme.id, scheme.names
    ('web-page@1', ['article', 'caption', 'appeal', 'form', 'sidebar'])
    """

    model_config = _STRICT

    name: str = Field(min_length=1, max_length=60, pattern=r"^[\w.-]+$")
    version: str = Field(min_length=1, max_length=20, pattern=r"^[\w.-]+$")
    question: str = "Which label does this block get?"
    advice: str = ""
    rules: list[str] = []
    labels: list[Label] = Field(min_length=2)
    default_label: str = Field("", validate_default=True)  # after `labels`, which its validator needs
    _text: str = PrivateAttr("")  # of the file that it was read from, with its comments

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scheme) and self.model_dump() == other.model_dump()

    __hash__ = None  # type: ignore[assignment]

    @field_validator("default_label")
    @classmethod
    def _or_the_last_label(cls, value: str, info: ValidationInfo) -> str:
        labels = info.data.get("labels")  # not there if one of them is invalid
        return value or (labels[-1].name if labels else "")

    @model_validator(mode="after")
    def _consistent(self) -> Scheme:
        for what, values in (("label", self.names), ("hotkey", [x.hotkey for x in self.labels if x.hotkey])):
            twice = sorted({v for v in values if values.count(v) > 1})
            if twice:
                raise ValueError(f"the {what} {', '.join(twice)} is given twice")
        if self.default_label and self.default_label not in self.names:
            raise ValueError(f"default_label {self.default_label!r} is not one of {', '.join(self.names)}")
        return self

    @classmethod
    def load(cls, path: Path | str) -> Scheme:
        """Read a scheme from a TOML file.

        Parameters
        ----------
        path : Path or str
            The TOML file.

        Returns
        -------
        Scheme
            The scheme.

        Raises
        ------
        BadScheme
            If the file cannot be read or is not a valid scheme; the message names the first problem.
        """
        scheme, problems = _read(path)
        if scheme is None:
            more = f" (and {len(problems) - 1} more: pageblocks scheme check {path})" if len(problems) > 1 else ""
            raise BadScheme(f"{path}: {problems[0]}{more}")
        return scheme

    @classmethod
    def default(cls) -> Scheme:
        """Read the scheme that comes with pageblocks: article, caption, appeal, form, sidebar.

        Returns
        -------
        Scheme
            The scheme `web-page`.
        """
        return cls.load(data_path("labels/web-page.toml"))

    @property  # not cached: `model_copy` would give the copy the names of the original
    def names(self) -> list[str]:
        """The names of the labels, in their order."""
        return [label.name for label in self.labels]

    @property
    def id(self) -> str:
        """Name and version, as label files record them: `web-page@1`."""
        return f"{self.name}@{self.version}"

    def __getitem__(self, name: str) -> Label:
        for label in self.labels:
            if label.name == name:
                return label
        raise BadScheme(f"unknown label {name!r}; the scheme {self.name} has {', '.join(self.names)}")

    def refuse_unknown(self, labels: Iterable[Sequence[str | None]], where: object = "") -> None:
        """Refuse labels that the scheme does not have.

        Parameters
        ----------
        labels : iterable of sequence of str or None
            For each page the label of each block.
        where : object, default=""
            Where the labels come from, for the error message.

        Raises
        ------
        BadScheme
            If a label is not in the scheme.
        """
        unknown = Counter(label for page in labels for label in page if label is not None and label not in self.names)
        if unknown:
            listed = ", ".join(f"{name!r} ({counted(count, 'block')})" for name, count in unknown.most_common(5))
            raise BadScheme(
                f"{f'{where}: ' if where else ''}unknown label {listed}; the scheme {self.id} has "
                f"{', '.join(self.names)}: "
                "give the scheme of these labels with --scheme FILE"
            )

    def refuse_model(self, classes: Iterable[str], which: str, without: str = "") -> None:
        """Refuse a model with labels that the scheme does not have.

        Parameters
        ----------
        classes : iterable of str
            The labels of the model.
        which : str
            Name of the model, for the error message.
        without : str, default=""
            How to go on without a model, for the error message.

        Raises
        ------
        BadScheme
            If a label of the model is not in the scheme.
        """
        if unknown := [name for name in classes if name not in self.names]:
            raise BadScheme(
                f"{which} has the labels {', '.join(unknown)}, the scheme {self.id} has {', '.join(self.names)}; take "
                "a model"
                " that was trained on labels of this scheme, or the scheme of the model with --scheme FILE"
                f"{f'; or go on {without}' if without else ''}"
            )

    def to_toml(self) -> str:
        """Write the scheme as TOML.

        Returns
        -------
        str
            The text that the scheme was read from, with its comments; for a scheme made in Python, a new text.
        """
        if self._text and Scheme.model_validate(tomllib.loads(self._text)) == self:
            return self._text
        return tomli_w.dumps(self.model_dump())

    def color(self, name: str) -> str:
        """Look up the colour of a label.

        Parameters
        ----------
        name : str
            Name of the label.

        Returns
        -------
        str
            The colour as #RRGGBB.
        """
        return self[name].color

    def text_color(self, name: str) -> str:
        """Choose black or white, whichever is easier to read on the label's colour.

        Parameters
        ----------
        name : str
            Name of the label.

        Returns
        -------
        str
            `#000000` or `#FFFFFF`.
        """
        return text_color_on(self.color(name))

    def check(self) -> list[str]:
        """List weaknesses of a valid scheme: missing examples or hotkeys, colours that are faint or equal.

        Returns
        -------
        list of str
            One line per weakness.
        """
        problems = []
        for label in self.labels:
            problems += [
                f"label {label.name}: no {part}" for part in ("includes", "examples") if not getattr(label, part)
            ]
            if not label.hotkey:
                problems.append(f"label {label.name}: no hotkey; annotators must use the mouse")
            for ground, mode in (("#FFFFFF", "light"), ("#14171C", "dark")):
                if contrast(label.color, ground) < 3:
                    problems.append(
                        f"label {label.name}: the colour {label.color} is faint on a {mode} page (contrast under 3)"
                    )
        for i, a in enumerate(self.labels):
            problems += [
                f"labels {a.name} and {b.name}: the same colour" for b in self.labels[i + 1 :] if a.color == b.color
            ]
        named = [m[1] for label in self.labels for line in label.excludes if (m := _NAMED.search(line))]
        if any(name in self.names for name in named):  # then that is how this scheme refers to its labels
            problems += self.mentions(named)
        return problems

    def mentions(self, names: Iterable[str]) -> list[str]:
        """List the rules and explanations with names that are not labels of the scheme, of renamed labels for example.

        Parameters
        ----------
        names : iterable of str
            The names to look for. Labels of the scheme are ignored.

        Returns
        -------
        list of str
            One line per rule or explanation.

        Examples
        --------
        >>> from pageblocks import Scheme
        >>> Scheme.default().mentions(["affiliate"])
        ['rule 13: mentions affiliate, which is not a label of the scheme']
        """
        gone = sorted({re.escape(name) for name in names} - {re.escape(name) for name in self.names})
        if not gone:
            return []
        word = re.compile(rf"(?<!\w)(?:{'|'.join(gone)})(?!\w)")
        places = [(f"rule {i}", rule) for i, rule in enumerate(self.rules, 1)]
        for label in self.labels:
            for part in ("includes", "excludes"):
                places += [(f"label {label.name}: {part} {i}", line) for i, line in enumerate(getattr(label, part), 1)]
            places.append((f"label {label.name}: definition", label.definition))
        return [
            f"{place}: mentions {found[0]}, which is not a label of the scheme"
            for place, text in places
            if (found := word.search(text))
        ]

    def label_studio_config(self) -> str:
        """Make the labelling configuration of Label Studio: a page is a list of paragraphs, each block one region.

        Tasks carry `title`, `url` and `html` (see `DATA_KEYS`); results come from `label` to `page`.

        Returns
        -------
        str
            The configuration as XML.
        """
        labels = "\n".join(
            f"    <Label value={quoteattr(x.name)}"
            + (f" hotkey={quoteattr(x.hotkey)}" if x.hotkey else "")
            + f" background={quoteattr(x.color)}/>"
            for x in self.labels
        )
        return _VIEW.format(style=escape(self._style()), labels=labels)

    def _style(self) -> str:
        """The style sheet of the annotation page, in one line, with the names and colours of the labels."""
        sheet = data_path("annotate.css").read_text("utf-8").replace("OWN", _OWN)
        sheet = re.sub(r"\s*([{};])\s*", r"\1", re.sub(r"/\*.*?\*/", "", sheet, flags=re.S)).strip()
        # The width of the column: that of the longest name, within bounds.
        width = min(max(7 * max(map(len, self.names)) + 14, 64), 150)
        # Label Studio writes `12:article`. Of two names that end alike the longer one counts, which comes last.
        rules = []
        for label in sorted(self.labels, key=lambda label: len(label.name)):
            here, text = f'.blks .htx-highlight[data-label$=":{label.name}"]', text_color_on(label.color)
            rgb = " ".join(str(int(label.color[k : k + 2], 16)) for k in (1, 3, 5))
            rules.append(f"{here}{{background:rgb({rgb}/.3)}}{here}.__active{{background:rgb({rgb}/.8);color:{text}}}")
            rules.append(f'{here}::after{{content:"{label.name}";background:{label.color};color:{text}}}')
        return f".blks{{--labels:{width}px;--coloured:1}}{sheet}{''.join(rules)}"

    def instructions(self) -> str:
        """Make the instructions that annotators read before they start.

        Returns
        -------
        str
            HTML without scripts; all text of the scheme is escaped.
        """

        def items(values: list[str]) -> str:
            return "; ".join(html.escape(v) for v in values)

        # Label Studio takes numbers from lists and space from paragraphs, and style attributes from instructions.
        chips = "".join(
            f".guide .l{i}{{background:{x.color};color:{text_color_on(x.color)}}}" for i, x in enumerate(self.labels)
        )
        parts = [f'<div class="guide"><style>{_GUIDE}{chips}</style>', f"<h3>{html.escape(self.question)}</h3>"]
        if self.advice:
            parts.append(f"<p>{html.escape(self.advice)}</p>")
        parts.append("<p>Change only the suggestions that are wrong. A block without a label needs one.</p>")
        keys = "".join(f"<li><b>{key}</b>: {what}</li>" for key, what in _HOW)
        parts.append(f"<ul>{keys}</ul>")
        for i, label in enumerate(self.labels):
            key = f" (key {html.escape(label.hotkey)})" if label.hotkey else ""
            parts.append(f'<p><b class="l{i}">{html.escape(label.name)}</b>{key}: {html.escape(label.definition)}')
            for title, values in (("Includes", label.includes), ("Excludes", label.excludes)):
                if values:
                    parts.append(f"<br><i>{title}:</i> {items(values)}.")
            if label.examples:
                quoted = ", ".join(f"&ldquo;{html.escape(v)}&rdquo;" for v in label.examples)
                parts.append(f"<br><i>For example:</i> {quoted}.")
            parts.append("</p>")
        if self.rules:
            rules = "".join(f"<li>{html.escape(rule)}</li>" for rule in self.rules)
            parts.append(f"<h3>When two labels fit</h3><p>The first rule that applies decides.</p><ol>{rules}</ol>")
        parts.append("</div>")
        return "\n".join(parts)


def check(path: Path | str) -> list[str]:
    """List all problems of a scheme file.

    Parameters
    ----------
    path : Path or str
        The TOML file.

    Returns
    -------
    list of str
        One line per problem; if the scheme is valid, its weaknesses (`Scheme.check`).
    """
    scheme, problems = _read(path)
    return problems if scheme is None else scheme.check()


def text_color_on(color: str) -> str:
    """Black or white, whichever is easier to read on a #rrggbb colour."""
    return "#000000" if contrast(color, "#000000") >= contrast(color, "#FFFFFF") else "#FFFFFF"


def contrast(a: str, b: str) -> float:
    """The contrast of two #rrggbb colours, 1 to 21 (WCAG 2.2, relative luminance)."""

    def luminance(color: str) -> float:
        channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return float(0.2126 * r + 0.7152 * g + 0.0722 * b)

    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def _read(path: Path | str) -> tuple[Scheme | None, list[str]]:
    try:
        text = Path(path).read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except OSError as error:
        return None, [f"cannot read the scheme: {error.strerror or error}"]
    except UnicodeDecodeError:
        return None, ["not UTF-8 text; a scheme is a TOML file in UTF-8"]
    except tomllib.TOMLDecodeError as error:
        return None, [f"not TOML: {error}"]
    try:
        scheme = Scheme.model_validate(data)
        scheme._text = text
        return scheme, []
    except ValidationError as errors:
        return None, [_explain(dict(error)) for error in errors.errors(include_url=False)]


def _explain(error: dict[str, object]) -> str:
    place = ".".join(str(x + 1) if isinstance(x, int) else str(x) for x in error["loc"])  # type: ignore[attr-defined]
    if error["type"] == "extra_forbidden":
        known = Label.model_fields if place.startswith("labels.") else Scheme.model_fields
        return f"unknown key {place}; known are {', '.join(known)}"
    if error["type"] == "missing":
        return f"{place} is missing"
    message = first_problem(error)
    return f"{place}: {message}" if place else message
