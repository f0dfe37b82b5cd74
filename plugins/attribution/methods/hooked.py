# SPDX-License-Identifier: Apache-2.0
"""Methods that change the backward pass: captum's, on a copy that was made fit for their hooks; and Grad-CAM."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional

from plugins.attribution import conditions
from plugins.attribution.methods.layers import tapped
from plugins.attribution.methods.method import Method, Settings, Task


def deeplift(task: Task) -> Tensor:
    """Contributions by the rescale rule (Shrikumar, Greenside and Kundaje, 2017, section 3.5.1)."""
    from captum.attr import DeepLift

    return _over(task, lambda part: DeepLift(task.module).attribute(task.inputs[part], task.start[part]), rows=2)


def guided_backpropagation(task: Task) -> Tensor:
    """The gradient with negative parts dropped at every ReLU on the way back (Springenberg et al., 2015)."""
    from captum.attr import GuidedBackprop

    return _over(task, lambda part: GuidedBackprop(task.module).attribute(task.inputs[part]))


def deconvolution(task: Task) -> Tensor:
    """What goes back passes every ReLU as if it were an input of it (Zeiler and Fergus, 2014, section 2)."""
    from captum.attr import Deconvolution

    return _over(task, lambda part: Deconvolution(task.module).attribute(task.inputs[part]))


def grad_cam(task: Task) -> Tensor:
    """Sum of the maps of a layer, each by its mean gradient (Selvaraju et al., 2017, equations 1 and 2).

    Before the last ReLU of equation 2, so that evidence against is seen; brought to the size of the input, where it is
    an image, by bilinear interpolation: ``[n, 1, height, width]``.
    """
    outputs, gradients = tapped(task.passes, task.module, task.tapped, task.inputs)
    maps = (gradients.mean(dim=(2, 3), keepdim=True) * outputs).sum(dim=1, keepdim=True)
    if task.inputs.ndim != 4 or maps.shape[2:] == task.inputs.shape[2:]:
        return maps
    return functional.interpolate(maps, task.inputs.shape[2:], mode="bilinear", align_corners=False)


def guided_grad_cam(task: Task) -> Tensor:
    """Guided backpropagation times the positive part of Grad-CAM (Selvaraju et al., 2017, section 3.2)."""
    return guided_backpropagation(task) * grad_cam(task).clamp_min(0)


def relevance(task: Task) -> Tensor:
    """Layer-wise relevance propagation by the epsilon rule, from the number itself (Bach et al., 2015, section 2.4).

    Epsilon at every linear step and every pooling, the number among them; as it is through activations.
    """
    from captum.attr import LRP
    from captum.attr._utils.lrp_rules import EpsilonRule, IdentityRule

    class Once(LRP):
        """Each layer once: a module that stands in two places is met twice by captum, and lost at the second."""

        def _get_layers(self, model: nn.Module) -> None:
            super()._get_layers(model)
            self.layers = list(dict.fromkeys(self.layers))

    def work(part: slice) -> Tensor:
        for module in task.module.modules():  # captum takes the rules away after every call
            if not list(module.children()) and not isinstance(module, (nn.ReLU, nn.Tanh, nn.Dropout)):
                module.rule = IdentityRule() if isinstance(module, nn.LeakyReLU) else EpsilonRule()
        found: Tensor = Once(task.module).attribute(task.inputs[part])
        return found

    return _over(task, work)


def _over(task: Task, work: Callable[[slice], Tensor], rows: int = 1) -> Tensor:
    """The work over all inputs, in as many as memory holds where each is ``rows`` rows."""
    task.passes.rows = max(1, task.passes.rows // rows)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Setting .*hooks", category=UserWarning)
        warnings.filterwarnings("ignore", message=".*required_grads has been set.*", category=UserWarning)
        warnings.filterwarnings("ignore", message=".*did not already require gradients.*", category=UserWarning)
        return task.passes.over(len(task.inputs), lambda part: work(part).detach())


def _cost(forwards: int, backwards: int) -> Callable[[int, Settings], tuple[int, int]]:
    return lambda segments, settings: (forwards, backwards)


def _biases(question: object) -> str:
    return "Biases keep relevance for themselves: the values do not sum to the number unless the model has none."


METHODS = (
    Method(
        "deeplift",
        "DeepLIFT",
        deeplift,
        _cost(4, 2),
        needs_baseline=True,
        complete=True,
        hooks=True,
        conditions=conditions.rescalable,
        source="Shrikumar et al. 2017",
    ),
    Method(
        "guided-backprop",
        "Guided backpropagation",
        guided_backpropagation,
        _cost(1, 1),
        hooks=True,
        conditions=conditions.rectified,
        caveat=conditions.other_activations,
        source="Springenberg et al. 2015",
    ),
    Method(
        "deconvolution",
        "Deconvolution",
        deconvolution,
        _cost(1, 1),
        hooks=True,
        conditions=conditions.rectified,
        caveat=conditions.other_activations,
        source="Zeiler and Fergus 2014",
    ),
    Method(
        "grad-cam",
        "Grad-CAM",
        grad_cam,
        _cost(1, 1),
        through_layer=True,
        conditions=conditions.over_images,
        source="Selvaraju et al. 2017",
    ),
    Method(
        "guided-grad-cam",
        "Guided Grad-CAM",
        guided_grad_cam,
        _cost(2, 2),
        through_layer=True,
        hooks=True,
        conditions=conditions.guided_over_images,
        caveat=conditions.other_activations,
        source="Selvaraju et al. 2017",
    ),
    Method(
        "lrp",
        "Relevance propagation (LRP, epsilon)",
        relevance,
        _cost(2, 1),
        hooks=True,
        conditions=conditions.propagable,
        caveat=_biases,
        source="Bach et al. 2015",
    ),
)
