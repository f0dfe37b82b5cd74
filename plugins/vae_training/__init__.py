# SPDX-License-Identifier: Apache-2.0
"""Training of a small variational autoencoder under a chosen objective: what its latent axes carry in the end."""

from __future__ import annotations

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; its arithmetic is imported when it runs."""
    from plugins.vae_training.analysis import VaeTraining

    return [VaeTraining]
