# SPDX-License-Identifier: Apache-2.0
"""An entry of the compendium: one issue, its cause, its remedies by strength of evidence, how to see that it is gone.

An entry is a Markdown file whose front matter (YAML between two lines ``---``) is validated here; what follows it is
further Markdown, shown as it stands. Everything in it is data: no HTML is ever passed on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import pydantic
import yaml
from pydantic import Field

from registry.errors import EntryError

Grade = Literal["established", "weak evidence", "speculation"]
"""How strong the evidence of a statement is: replicated or proven; shown once or in part; a guess worth trying."""

State = Literal["draft", "approved", "refuted"]

GRADES: Final[tuple[Grade, ...]] = ("established", "weak evidence", "speculation")

AREAS: Final[Mapping[str, str]] = {
    "attribution": "Attribution",
    "clustering": "Clustering",
    "concepts": "Concepts and probes",
    "diffusion": "Diffusion models",
    "directions": "Directions and editing",
    "engineering": "Engineering",
    "evaluation": "Evaluation of generators",
    "feature-visualisation": "Feature visualisation",
    "gan": "Generative adversarial networks",
    "geometry": "Geometry of latent spaces",
    "hooks": "Hooks and activations",
    "inversion": "Inversion",
    "latent": "Latent spaces",
    "layers": "Layers and representations",
    "likelihood": "Likelihood",
    "maps": "Maps and projections",
    "mechanistic": "Mechanistic interpretability",
    "methodology": "Methodology",
    "sparse-autoencoders": "Sparse autoencoders",
    "style": "Style transfer",
    "topology": "Topology",
    "vae": "Variational autoencoders",
    "vector-quantisation": "Vector quantisation",
    "words": "Words and text",
}

MOST_BYTES: Final = 256 * 1024
NAME: Final = r"[a-z0-9]+(-[a-z0-9]+)*"
CODE: Final = r"[a-z0-9-]+\.[a-z0-9-]+"
ADDRESS: Final = re.compile(
    r"https?://[^\s<>\"'`()\\]+|arXiv:\d{4}\.\d{4,5}(v\d+)?|arXiv:[a-z-]+/\d{7}|doi:10\.\d{4,9}/\S+"
)

Name = Annotated[str, Field(pattern=f"^{NAME}$", max_length=80)]
Code = Annotated[str, Field(pattern=f"^{CODE}$", max_length=120)]
Line = Annotated[str, Field(min_length=1, max_length=400)]
Prose = Annotated[str, Field(min_length=1, max_length=4000)]


class _Part(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Trial(_Part):
    """A comparison that measures a remedy: one analysis on one subject, with two sets of parameters, on paired seeds.

    Attributes
    ----------
    analysis, metric : what is run, and which of its metrics is compared
    better : which way the metric ought to move
    common, before, after : parameters of both sides, of the side with the issue, of the side with the remedy
    model, data, points : the subject; a trial without one takes that of the finding it is started from
    subject_after : where the remedy is another model or data set: what differs from the subject above
    seeds : paired runs (seed 0, 1, ...): the interval is of the mean of their differences
    least : the smallest change of the metric that counts as one
    minutes : how long the whole takes on two processor cores, roughly
    says : what the comparison shows, in one sentence
    """

    analysis: Name
    metric: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,79}$")]
    better: Literal["higher", "lower"]
    common: dict[str, Any] = {}
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    model: str | None = None
    data: str | None = None
    points: str | None = None
    subject_after: dict[Literal["model", "data", "points"], str] = {}
    seeds: int = Field(5, ge=2, le=50)
    least: float = Field(0.0, ge=0.0, allow_inf_nan=False)
    minutes: float = Field(1.0, gt=0.0, allow_inf_nan=False)
    says: Line | None = None

    @pydantic.model_validator(mode="after")
    def _differs(self) -> Self:
        if self.before == self.after and not self.subject_after:
            raise ValueError("'before' and 'after' are the same: there is nothing to compare")
        if doubled := set(self.common) & (set(self.before) | set(self.after)):
            raise ValueError(f"'{min(doubled)}' is in 'common' and in a side")
        return self


class Remedy(_Part):
    """One thing to do, with the strength of its evidence, its sources and, where it can be measured, a trial."""

    text: Prose
    grade: Grade
    sources: tuple[str, ...] = ()
    trial: Trial | None = None


class Verify(_Part):
    """How to see that the issue is gone: in words, and where an analysis measures it, its metric and threshold."""

    text: Prose
    analysis: Name | None = None
    metric: str | None = None
    threshold: str | None = None


class Source(_Part):
    """Where a statement comes from: authors, title, year and section; and an address where there is one."""

    text: Line
    address: str | None = None

    @pydantic.field_validator("address")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None and not ADDRESS.fullmatch(value):
            raise ValueError("an address is 'arXiv:...', 'doi:...' or 'https://...'")
        return value

    @property
    def link(self) -> str | None:
        """The address as a browser takes it.

        >>> Source(text="A paper", address="arXiv:1511.06349").link
        'https://arxiv.org/abs/1511.06349'
        """
        if self.address is None:
            return None
        kind, _, rest = self.address.partition(":")
        return {"arXiv": f"https://arxiv.org/abs/{rest}", "doi": f"https://doi.org/{rest}"}.get(kind, self.address)


class Change(_Part):
    """One line of an entry's history."""

    on: date
    by: Line
    note: Line


class Entry(_Part):
    """An issue and what to do about it.

    Attributes
    ----------
    id, title, area : its name (that of the file), what it is in one line, one of :data:`AREAS`
    symptoms, errors, phrasings : what one sees, verbatim error messages, and how people put it in their own words
    cause : why it happens
    remedies : in the order in which to try them
    verify : how to see that it is gone
    sources : by key, as remedies name them
    see_also, aliases : other entries; ids that this one also answers to
    codes, analyses : finding codes that lead here; analyses that detect or measure it
    libraries, tags : facets
    state, history : draft, approved or refuted, and who said so when
    body : further Markdown after the front matter
    """

    id: Name
    title: Line
    area: str
    symptoms: tuple[Line, ...] = Field(min_length=1)
    errors: tuple[Annotated[str, Field(min_length=4, max_length=1000)], ...] = ()
    phrasings: tuple[Line, ...] = ()
    cause: Prose
    remedies: tuple[Remedy, ...] = Field(min_length=1)
    verify: Verify
    sources: dict[Name, Source] = Field(min_length=1)
    see_also: tuple[Name, ...] = ()
    aliases: tuple[Name, ...] = ()
    codes: tuple[Code, ...] = ()
    analyses: tuple[Name, ...] = ()
    libraries: tuple[Line, ...] = ()
    tags: tuple[Line, ...] = ()
    state: State = "approved"
    history: tuple[Change, ...] = ()
    body: str = ""

    @pydantic.field_validator("area")
    @classmethod
    def _area(cls, value: str) -> str:
        if value not in AREAS:
            raise ValueError(f"no such area; there are: {', '.join(AREAS)}")
        return value

    @pydantic.model_validator(mode="after")
    def _whole(self) -> Self:
        for position, remedy in enumerate(self.remedies, start=1):
            for key in remedy.sources:
                if key not in self.sources:
                    raise ValueError(f"remedy {position} names the source '{key}', which 'sources' does not have")
            if remedy.grade != "speculation" and not remedy.sources:
                raise ValueError(f"remedy {position} is graded '{remedy.grade}' and names no source")
        if self.id in self.see_also or self.id in self.aliases:
            raise ValueError("an entry is neither its own alias nor its own see-also")
        return self

    @property
    def grade(self) -> Grade:
        """The strongest grade among the remedies."""
        return min((one.grade for one in self.remedies), key=GRADES.index)


def read_entry(path: Path) -> Entry:
    """The entry in a Markdown file.

    Raises
    ------
    EntryError
        When the file cannot be read, is too large, has no front matter, or a field is wrong; names file and field.
    """
    try:
        if not path.is_file():  # a pipe or a device would never end
            raise EntryError(f"the entry '{path.name}' cannot be read: it is no regular file")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise EntryError(f"the entry '{path.name}' is larger than {MOST_BYTES // 1024} KiB: split it")
        text = content.decode("utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise EntryError(f"the entry '{path.name}' cannot be read as UTF-8 text: {error}") from error
    entry = parse_entry(text, path.name)
    if entry.id != path.stem:
        raise EntryError(f"the entry '{path.name}' has the id '{entry.id}': the file must be called '{entry.id}.md'")
    return entry


def parse_entry(text: str, name: str = "entry") -> Entry:
    """The entry that ``text`` is; ``name`` is what messages call it.

    >>> parse_entry("no front matter")
    Traceback (most recent call last):
    ...
    registry.errors.EntryError: the entry 'entry' must begin with a line '---', its front matter and a line '---'
    """
    head, body = _split(text, name)
    try:
        if any(isinstance(one, yaml.AliasEvent) for one in yaml.parse(head, Loader=_Loader)):
            raise EntryError(f"the front matter of the entry '{name}' uses YAML aliases ('*'): write it out")
        fields = yaml.load(head, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 2}" if mark is not None else ""
        raise EntryError(
            f"the front matter of the entry '{name}'{where} is no valid YAML: "
            f"{getattr(error, 'problem', None) or error} (put text with ': ' or '#' in quotes)"
        ) from error
    except RecursionError as error:
        raise EntryError(f"the front matter of the entry '{name}' is nested too deeply") from error
    except (ValueError, TypeError, AttributeError, LookupError) as error:  # of a date, number or tag, from the parser
        raise EntryError(
            f"the front matter of the entry '{name}' has a value that YAML cannot read: {str(error)[:200]} "
            "(put dates and text in quotes)"
        ) from error
    if not isinstance(fields, dict):
        raise EntryError(f"the front matter of the entry '{name}' must be fields with values, as in 'id: {name}'")
    if "body" in fields:
        raise EntryError(f"the entry '{name}': the body is what follows the front matter, not a field of it")
    try:
        return Entry.model_validate({**fields, "body": body.strip()})
    except pydantic.ValidationError as error:
        raise EntryError(f"the entry '{name}': {_clauses(error)}") from None


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML that takes each key of a mapping once."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key.value, str):
                if key.value in seen:
                    raise yaml.MarkedYAMLError(problem=f"'{key.value}' stands twice", problem_mark=key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def _split(text: str, name: str) -> tuple[str, str]:
    lines = text.lstrip("\ufeff").splitlines(keepends=True)
    ends = [position for position, line in enumerate(lines) if line.rstrip() == "---"][:2]
    if len(ends) < 2 or ends[0] != 0:
        raise EntryError(f"the entry '{name}' must begin with a line '---', its front matter and a line '---'")
    return "".join(lines[1 : ends[1]]), "".join(lines[ends[1] + 1 :])


def _clauses(error: pydantic.ValidationError) -> str:
    clauses = []
    for one in error.errors()[:8]:
        field = ".".join(str(part) for part in one["loc"])
        if one["type"] == "extra_forbidden":
            clauses.append(f"'{field}' is no field of an entry")
        elif one["type"] == "missing":
            clauses.append(f"'{field}' is needed")
        else:
            said = one["msg"].removeprefix("Value error, ")
            clauses.append(f"'{field}': {said}" if field else said)
    return "; ".join(clauses)
