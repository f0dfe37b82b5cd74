# SPDX-License-Identifier: Apache-2.0
"""Formats that are read as a stream: word2vec binary and text, fastText text, GloVe text, each also compressed.

word2vec: ``distance.c`` of the original program reads ``words numbers`` and a line end, then for each word its bytes, a
space and float32 little endian (binary) or numbers as text. GloVe's text has no such line.
"""

from __future__ import annotations

import gzip
import re
import warnings
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.adapters.sink import LONGEST_WORD, Sink

Share = Callable[[], float]
"""How much of the file has been read, 0..1."""

CHUNK = 1 << 22
BATCH = 2048  # rows
LONGEST_LINE = 1 << 22
PEEK = 1 << 16
HEADER = re.compile(rb"\s*(\d{1,18})[ \t]+(\d{1,18})[ \t\r]*")
FASTTEXT, ZIP, GZIP = b"\xba\x16\x4f\x2f", b"PK\x03\x04", b"\x1f\x8b"


def read(path: Path, format: str, sink: Sink) -> None:
    """Give every row of a file to ``sink``; raises :class:`ModelError` for what is no file of word vectors."""
    with path.open("rb") as raw:
        start = raw.read(4)
        if not start:
            raise wb.ModelError(f"'{path.name}' is empty")
        if start == ZIP:
            raise wb.ModelError(f"'{path.name}' is a zip file: unpack it and name the file of vectors in it")
        if start == FASTTEXT:
            raise wb.ModelError(
                f"'{path.name}' is a model of fastText itself: name its .vec file, which 'fasttext' writes beside it"
            )
        raw.seek(0)
        size = path.stat().st_size
        packed = start[:2] == GZIP
        try:
            file: IO[bytes] = gzip.GzipFile(fileobj=raw) if packed else raw  # type: ignore[assignment]
            _read(file, path, format, sink, None if packed else size, lambda: raw.tell() / size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise wb.ModelError(f"'{path.name}' is damaged: {error}") from None


def _read(file: IO[bytes], path: Path, format: str, sink: Sink, size: int | None, share: Share) -> None:
    first = file.readline(LONGEST_LINE)
    header = HEADER.fullmatch(first.rstrip(b"\n")) if first.endswith(b"\n") else None
    peeked = file.read(PEEK)
    if header is not None and format != "glove":
        count, numbers = int(header[1]), int(header[2])
        binary = format == "word2vec-binary" or (format == "auto" and not _is_text(peeked, numbers))
        _check_header(path, min(count, sink.words.limit or count), numbers, size, binary)
        sink.expect(numbers, count)
        rows = _binary(file, path, peeked, numbers, count) if binary else _lines(file, path, peeked, numbers, count, 2)
        found = _give(rows, sink, share)
        if found < count and not sink.full:
            raise wb.ModelError(
                f"'{path.name}' says that it holds {count:,} words and ends after {found:,}: it is torn, or its first "
                f"line lies; limit={max(found, 1)} reads what is there"
            )
        return
    if format in ("word2vec-binary", "word2vec-text"):
        raise wb.ModelError(f"'{path.name}' does not begin with two numbers, words and numbers of each: not {format}")
    if b"\0" in first + peeked:
        raise wb.ModelError(f"'{path.name}' is no text of word vectors, nor word2vec's binary format")
    numbers = _numbers_of(path, first + peeked)
    sink.expect(numbers, None)
    _give(_lines(file, path, first + peeked, numbers, None, 1), sink, share)


def _give(rows: Iterator[tuple[list[bytes], NDArray[np.float32]]], sink: Sink, share: Share) -> int:
    """Hand rows on until the sink is full; how many there were."""
    found = 0
    for words, vectors in rows:
        found += len(words)
        sink.add(words, vectors, share())
        if sink.full:
            break
    return found


def _check_header(path: Path, count: int, numbers: int, size: int | None, binary: bool) -> None:
    """Refuse a first line that promises more than the file has room for: a number takes two bytes at least."""
    least = numbers * 4 + 2 if binary else numbers * 2 + 1
    if numbers < 1 or count < 1:
        raise wb.ModelError(f"'{path.name}' says that it holds {count:,} words of {numbers:,} numbers: it is damaged")
    if size is not None and count * least > size + LONGEST_WORD:
        raise wb.ModelError(
            f"'{path.name}' says that it holds {count:,} words of {numbers:,} numbers, and its {size:,} bytes have "
            f"room for at most {size // least:,}: it is torn, or its first line lies; a limit reads what is there"
        )


def _is_text(peeked: bytes, numbers: int) -> bool:
    """Whether what follows the first line is text: its first line, as far as it is seen, ends in numbers."""
    line, end, _ = peeked.partition(b"\n")
    fields = line.rstrip().split(b" ")
    if not end:  # a line longer than what is seen: drop the number that is cut off
        fields = fields[:-1]
    last = fields[1:] if not end else fields[-numbers:]
    return len(fields) > 1 and all(_number(one) for one in last)


def _number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _numbers_of(path: Path, start: bytes) -> int:
    """Numbers of a row, where no first line says it: what most of the first lines have after a word."""
    lines = start.split(b"\n")[:-1][:100] or [start]
    counts = []
    for line in lines:
        fields = line.rstrip(b" \r").split(b" ")
        run = 0
        for field in reversed(fields[1:]):
            if not _number(field):
                break
            run += 1
        if line.strip():
            counts.append(run)
    found, _ = max(Counter(counts).items(), key=lambda one: (one[1], one[0])) if counts else (0, 0)
    if found < 1:
        raise wb.ModelError(
            f"'{path.name}' is no text of word vectors: each line must hold a word and its numbers, parted by spaces"
        )
    return found


def _binary(
    file: IO[bytes], path: Path, held: bytes, numbers: int, count: int
) -> Iterator[tuple[list[bytes], NDArray[np.float32]]]:
    width, at = numbers * 4, 0
    words: list[bytes] = []
    parts: list[bytes] = []
    ended = False  # whether rows end with a line end, as most programs write them
    for row in range(count):
        while (space := held.find(b" ", at, at + LONGEST_WORD)) < 0 or len(held) < space + 1 + width:
            if space < 0 and len(held) - at >= LONGEST_WORD:
                raise wb.ModelError(f"'{path.name}' has a word of more than {LONGEST_WORD:,} bytes: it is damaged")
            more = file.read(max(CHUNK, width))
            if not more:
                break
            held, at = held[at:] + more, 0
        if space < 0 or len(held) < space + 1 + width:
            break
        ends = held[at : at + 1] == b"\n"
        if row == 1:
            ended = ends
        elif row and ends != ended:
            raise wb.ModelError(_out_of_step(path, row))
        words.append(held[at:space].lstrip(b"\n\r"))
        parts.append(held[space + 1 : space + 1 + width])
        at = space + 1 + width
        if len(words) == BATCH:
            _check_words(path, words, row)
            yield words, np.frombuffer(b"".join(parts), "<f4").reshape(-1, numbers)
            words, parts = [], []
    if words:
        _check_words(path, words, count)
        yield words, np.frombuffer(b"".join(parts), "<f4").reshape(-1, numbers)


def _check_words(path: Path, words: list[bytes], row: int) -> None:
    """Refuse rows of which most begin with what is no text: something before them was longer than it should be."""
    if sum(not _is_utf8(one) for one in words) > max(5, len(words) // 2):
        raise wb.ModelError(_out_of_step(path, max(0, row - len(words))))


def _is_utf8(word: bytes) -> bool:
    try:
        word.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _out_of_step(path: Path, row: int) -> str:
    return (
        f"'{path.name}' is out of step from row {row:,} on: a word holds a space, which word2vec's binary format "
        "cannot tell from its end, or the first line lies; save it as text"
    )


def _lines(
    file: IO[bytes], path: Path, held: bytes, numbers: int, count: int | None, start: int
) -> Iterator[tuple[list[bytes], NDArray[np.float32]]]:
    """Rows of text, from line ``start`` on; the word is all that stands before the last ``numbers`` fields."""
    words: list[bytes] = []
    fields: list[list[bytes]] = []
    begun = start
    found = 0
    for number, line in enumerate(_each_line(file, path, held), start):
        if found == count:
            break
        parts = line.rstrip(b" \r\t").replace(b"\t", b" ").split(b" ")
        if parts == [b""]:
            continue
        if len(parts) <= numbers:
            if words:  # they are whole, and may be all that is wanted
                yield words, _parsed(path, fields, begun)
            raise wb.ModelError(
                f"'{path.name}', line {number:,}: {len(parts) - 1} numbers after the word, expected {numbers}: "
                "the file is torn or damaged"
            )
        found += 1
        words.append(b" ".join(parts[:-numbers]))
        fields.append(parts[-numbers:])
        if len(words) == BATCH:
            yield words, _parsed(path, fields, begun)
            words, fields, begun = [], [], number + 1
    if words:
        yield words, _parsed(path, fields, begun)


def _parsed(path: Path, fields: list[list[bytes]], begun: int) -> NDArray[np.float32]:
    with warnings.catch_warnings(), np.errstate(over="ignore"):
        warnings.simplefilter("error", DeprecationWarning)
        try:
            flat = np.fromstring(b" ".join(b" ".join(row) for row in fields), dtype=np.float64, sep=" ")
            if flat.size == len(fields) * len(fields[0]):
                return flat.reshape(len(fields), -1).astype(np.float32)
        except (DeprecationWarning, ValueError):
            pass  # some field is no number: it is looked for, to be named
    for row, one in enumerate(fields):
        for field in one:
            if not _number(field):
                raise wb.ModelError(
                    f"'{path.name}', near line {begun + row:,}: {field[:40]!r} is no number; the word is followed by "
                    f"{len(one)} numbers, parted by spaces"
                )
    return np.array([[float(field) for field in one] for one in fields]).astype(np.float32)


def _each_line(file: IO[bytes], path: Path, held: bytes) -> Iterator[bytes]:
    """Lines without their ends, read in pieces; one without an end is refused before it fills the memory."""
    while True:
        *whole, held = held.split(b"\n")
        yield from whole
        if len(held) > LONGEST_LINE:
            raise wb.ModelError(
                f"'{path.name}' has a line of more than {LONGEST_LINE:,} bytes: it is no text of vectors"
            )
        more = file.read(CHUNK)
        if not more:
            if held:
                yield held
            return
        held += more
