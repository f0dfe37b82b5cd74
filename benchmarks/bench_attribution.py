# SPDX-License-Identifier: Apache-2.0
"""Methods of attribution: cost in rows through the model, and seconds as a ratio to captum called by hand.

Both work on the same net and pictures in this process, with one thread, in turns; below 1 is faster than captum.
Captum is called as its documentation has it, with ``internal_batch_size`` where it has one.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import torch
from captum import attr
from torch import Tensor, nn

from plugins.attribution.batching import rows_of
from plugins.attribution.methods import METHODS, Settings, attribute, segments_of
from plugins.attribution.questions import Question, ask_function

REPEATS = 5
STEPS, DRAWS, SEGMENTS = 50, 20, 49
ROWS = 64


def net() -> nn.Module:
    """Four convolutions with ReLU and a linear head on 3 x 32 x 32 pictures."""
    torch.manual_seed(0)
    widths = [3, 16, 32, 64, 64]
    parts: list[nn.Module] = []
    for before, after in zip(widths, widths[1:], strict=False):
        parts += [nn.Conv2d(before, after, 3, stride=1 if before == 3 else 2, padding=1), nn.ReLU()]
    return nn.Sequential(*parts, nn.Flatten(), nn.Linear(1024, 1)).eval()


def by_hand(model: nn.Module, x: Tensor, zero: Tensor) -> dict[str, Callable[[], Any]]:
    """Captum's call for each method that it has."""
    layer = model[4]  # type: ignore[index]
    mask = segments_of(tuple(x.shape[1:]), SEGMENTS)[0]
    window, stride = (3, 10, 10), (3, 5, 5)
    steps = {"n_steps": STEPS, "method": "gausslegendre", "internal_batch_size": ROWS}
    return {
        "saliency": lambda: attr.Saliency(model).attribute(x, 0),
        "input-x-gradient": lambda: attr.InputXGradient(model).attribute(x, 0),
        "integrated-gradients": lambda: attr.IntegratedGradients(model).attribute(x, zero, 0, **steps),
        "smoothgrad": lambda: attr.NoiseTunnel(attr.Saliency(model)).attribute(
            x, nt_samples=DRAWS, nt_samples_batch_size=ROWS // len(x), target=0, abs=False
        ),
        "gradient-shap": lambda: attr.GradientShap(model).attribute(x, zero, DRAWS, target=0),
        "deeplift": lambda: attr.DeepLift(model).attribute(x, zero, 0),
        "guided-backprop": lambda: attr.GuidedBackprop(model).attribute(x, 0),
        "deconvolution": lambda: attr.Deconvolution(model).attribute(x, 0),
        "grad-cam": lambda: attr.LayerGradCam(model, layer).attribute(x, 0),
        "guided-grad-cam": lambda: attr.GuidedGradCam(model, layer).attribute(x, 0),
        "lrp": lambda: _relevance(model, x),
        "occlusion": lambda: attr.Occlusion(model).attribute(
            x, window, stride, zero, 0, perturbations_per_eval=ROWS // len(x)
        ),
        "feature-ablation": lambda: attr.FeatureAblation(model).attribute(
            x, zero, 0, feature_mask=mask[None], perturbations_per_eval=ROWS // len(x)
        ),
        "shapley-sampling": lambda: attr.ShapleyValueSampling(model).attribute(
            x, zero, 0, feature_mask=mask[None], n_samples=DRAWS, perturbations_per_eval=ROWS // len(x)
        ),
        "kernel-shap": lambda: [
            attr.KernelShap(model).attribute(
                one, start, 0, feature_mask=mask[None], n_samples=20 * DRAWS, perturbations_per_eval=ROWS
            )
            for one, start in zip(x.split(1), zero.split(1), strict=True)  # type: ignore[no-untyped-call]
        ],
        "lime": lambda: [
            attr.Lime(model).attribute(
                one, start, 0, feature_mask=mask[None], n_samples=20 * DRAWS, perturbations_per_eval=ROWS
            )
            for one, start in zip(x.split(1), zero.split(1), strict=True)  # type: ignore[no-untyped-call]
        ],
        "layer-gradient-x-activation": lambda: attr.LayerGradientXActivation(model, layer).attribute(x, 0),
        "layer-conductance": lambda: attr.LayerConductance(model, layer).attribute(
            x, zero, 0, n_steps=STEPS, method="riemann_trapezoid", internal_batch_size=ROWS
        ),
        "layer-integrated-gradients": lambda: attr.LayerIntegratedGradients(model, layer).attribute(
            x, zero, 0, **steps
        ),
        "internal-influence": lambda: attr.InternalInfluence(model, layer).attribute(x, zero, 0, **steps),
    }


def _relevance(model: nn.Module, x: Tensor) -> Any:
    """Captum has no rule for Flatten, and takes a rule that is set away after every call."""
    from captum.attr._utils.lrp_rules import EpsilonRule

    for one in model.modules():
        if isinstance(one, nn.Flatten):
            one.rule = EpsilonRule()
    return attr.LRP(model).attribute(x, 0)


def seconds(work: Callable[[], Any]) -> float:
    """Seconds of the processor in one call: what else the machine does is not counted."""
    began = time.process_time()
    work()
    return time.process_time() - began


def table(model: nn.Module, x: Tensor) -> None:
    """Print each method's rows and time."""
    zero = torch.zeros_like(x)
    question = ask_function(model, x)
    settings = Settings(STEPS, DRAWS, SEGMENTS)
    theirs = by_hand(model, x, zero)
    weights = list(model.parameters())
    plain = statistics.median(seconds(lambda: torch.autograd.grad(_sum(model, x), weights)) for _ in range(REPEATS))
    print(f"{len(x)} pictures of 3 x 32 x 32; one forward and backward pass of them: {1000 * plain:.1f} ms")
    print(f"  {'method':30s} {'forwards':>9s} {'backwards':>9s} {'ms':>9s} {'x pass':>8s} {'x captum':>9s}")
    for name, method in METHODS.items():
        layer = "net.4" if method.layer or method.through_layer else None

        def ours(name: str = name, layer: str | None = layer) -> Any:
            return attribute(question, x, name, baseline=zero, layer=layer, settings=settings)

        found = ours()
        hand = theirs.get(name)
        times: list[tuple[float, float]] = []
        for _ in range(REPEATS if found.seconds < 1 else 2):
            times.append((seconds(ours), seconds(hand) if hand is not None else float("nan")))
        mine, captum = (statistics.median(one) for one in zip(*times, strict=True))
        forwards, backwards = (rows / len(x) for rows in (found.forwards, found.backwards))
        ratio = f"{mine / captum:9.2f}" if hand is not None else "        -"
        print(f"  {name:30s} {forwards:9.0f} {backwards:9.0f} {1000 * mine:9.1f} {mine / plain:8.1f} {ratio}")


def _sum(model: nn.Module, x: Tensor) -> Tensor:
    given: Tensor = model(x).sum()
    return given


def memory(model: nn.Module) -> None:
    """Print the rows of a pass of integrated gradients with 512 steps on large pictures, and that they suffice."""
    large = nn.Sequential(*list(model)[:8], nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 1))  # type: ignore[call-overload]
    x = torch.rand(1, 3, 128, 128)
    question: Question = ask_function(large, x)
    rows = rows_of(question, (3, 128, 128))
    taken = seconds(lambda: attribute(question, x, "integrated-gradients", baseline=0 * x, steps=512))
    print(f"\nintegrated gradients, 512 steps, one picture of 3 x 128 x 128: passes of {rows} rows, {taken:.1f} s")


def main() -> None:
    """Print every table."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        model = net()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table(model, torch.rand(8, 3, 32, 32, generator=torch.Generator().manual_seed(0)))
            memory(model)
    finally:
        torch.set_num_threads(threads)


if __name__ == "__main__":
    main()
