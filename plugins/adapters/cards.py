# SPDX-License-Identifier: Apache-2.0
"""Cards of word vectors: one line of a plugin, or one entry of a TOML file, makes a model of a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import workbench as wb

FORMATS = ("auto", "word2vec-binary", "word2vec-text", "glove", "array")
OPTIONS = (
    "file",
    "words",
    "format",
    "array",
    "limit",
    "metric",
    "title",
    "description",
    "licence",
    "provenance",
    "tags",
)


def word_vectors(
    name: str,
    file: str | Path,
    *,
    words: str | Path | None = None,
    format: str = "auto",
    array: str | None = None,
    limit: int | None = None,
    metric: str = "cosine",
    title: str = "",
    description: str = "",
    licence: str = "",
    provenance: str = "",
    tags: tuple[str, ...] = ("words", "embedding"),
) -> wb.ModelCard:
    """The card of a model ``embed: words -> vectors`` over a file of word vectors; the file is not read for it.

    The file is read when the model is first loaded, once, as a stream: the vectors are mapped into memory from the
    workbench's cache (or from the file itself where it is an array), so that files larger than memory work.

    Parameters
    ----------
    file
        word2vec binary (``.bin``) or text, fastText text (``.vec``), GloVe text (no header), each also as ``.gz``;
        ``.npy`` or ``.safetensors`` (float ``[words, numbers]``); of gensim's ``.kv`` its ``.kv.vectors.npy``.
    words
        For arrays: a text file with a word on each line, UTF-8, in the order of the rows; by default the file of the
        same name that ends with ``.txt``.
    format
        ``auto`` looks at the file; else one of ``word2vec-binary``, ``word2vec-text`` (fastText too), ``glove``,
        ``array``.
    array
        Name of the array, in a ``.safetensors`` with several.
    limit
        Keep the first so many words, as a rule the most frequent.
    metric
        ``cosine`` or ``euclidean``.

    In a plugin of one's own::

        import workbench as wb
        from plugins.adapters import word_vectors


        @wb.hookimpl
        def workbench_models():
            return [word_vectors("acme-words", "/data/acme/vectors.bin", limit=200_000, licence="internal")]
    """
    path = Path(file).expanduser().absolute()
    beside = None if words is None else Path(words).expanduser().absolute()
    if format not in FORMATS:
        raise wb.ModelError(f"the format '{format}' of '{path.name}' is not known: use one of {', '.join(FORMATS)}")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise wb.ModelError(f"the limit of '{name}' is {limit!r}: give a whole number above 0")
    settings = {"format": format, "array": array, "limit": limit, "metric": metric}
    return wb.ModelCard(
        name,
        _opener(path, beside, settings),
        title=title or f"Word vectors '{name}'",
        description=description or f"Words and their vectors, read from '{path.name}'; nearness is by {metric}.",
        licence=licence,
        provenance=provenance or f"file '{path.name}'",
        tags=tuple(tags),
        weights=_files(path, beside),
        settings={**settings, "file": str(path), "words": str(beside)},
        requires=lambda: _lacking(path, beside),
    )


def cards_of(listed: Path) -> list[wb.ModelCard]:
    """The cards that a TOML file lists, an entry each; paths are beside it where they are not absolute.

    Raises
    ------
    PluginError
        Naming the file, the entry and what is wrong with it.
    """
    import tomllib

    try:
        entries = tomllib.loads(listed.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise wb.PluginError(f"'{listed}' cannot be read: {error}") from None
    return [_card(listed, name, entry) for name, entry in entries.items()]


def _card(listed: Path, name: str, entry: Any) -> wb.ModelCard:
    where = f"'{listed}', entry '{name}'"
    if not isinstance(entry, dict) or "file" not in entry:
        raise wb.PluginError(f'{where}: write [{name}] and below it file = "vectors.bin"')
    unknown = [one for one in entry if one not in OPTIONS]
    if unknown:
        raise wb.PluginError(f"{where}: there is no option '{unknown[0]}': use {', '.join(OPTIONS)}")
    given = dict(entry)
    file = listed.parent / Path(str(given.pop("file"))).expanduser()
    if "words" in given:
        given["words"] = listed.parent / Path(str(given["words"])).expanduser()
    try:
        return word_vectors(name, file, **given)
    except (wb.WorkbenchError, TypeError) as error:
        raise wb.PluginError(f"{where}: {error}") from None


def _opener(path: Path, words: Path | None, settings: dict[str, Any]) -> Callable[[str], wb.Model]:
    def open_word_vectors(device: str) -> wb.Model:
        from plugins.adapters.word_vectors import WordVectors

        return WordVectors(path, words, device=device, **settings)

    return open_word_vectors


def _files(path: Path, words: Path | None) -> tuple[Path, ...]:
    """The files that decide what the model computes, there or not."""
    if path.suffix.lower() == ".kv":
        return (path.with_name(path.name + ".vectors.npy"), words or path.with_name(path.name + ".txt"))
    if words is not None or path.suffix.lower() in (".npy", ".safetensors"):
        return (path, words or path.with_suffix(".txt"))
    return (path,)


def _lacking(path: Path, words: Path | None) -> str | None:
    for one in (path, words):
        if one is not None and not one.is_file():
            return f"there is no file '{one}': name the file of the word vectors by its full path"
    return None
