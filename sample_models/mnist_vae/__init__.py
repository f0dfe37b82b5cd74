# SPDX-License-Identifier: Apache-2.0
"""A convolutional variational autoencoder of MNIST digits, trained here."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    """The card of the model; nothing is loaded."""
    return [
        wb.ModelCard(
            "mnist-vae",
            "sample_models.mnist_vae.model:MnistVae",
            title="Digit VAE (MNIST)",
            description=(
                "A convolutional variational autoencoder with 16 latent axes and a standard normal prior. Encoding "
                "gives the mean and spread of the posterior; decoding gives the probability of ink at each pixel."
            ),
            licence="Apache-2.0",
            provenance="Trained by this project on 9,000 MNIST digits (sample_models/mnist_vae/train.py, seed 0)",
            tags=("digits", "vae"),
            weights=(Path(__file__).parent / "mnist_vae.safetensors",),
            data="mnist",
        )
    ]


@wb.hookimpl
def workbench_pages() -> list[wb.Page]:
    """The page that asks whether loops join the digits."""
    return [
        wb.Page(
            "digit-loops",
            "Do loops join the digits?",
            "sample_models.mnist_vae.page:draw",
            icon=":material/join_inner:",
        )
    ]
