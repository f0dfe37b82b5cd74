# SPDX-License-Identifier: Apache-2.0
"""The latent workbench: ``import workbench as wb``. Everything public is here, imported when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.lazy import imported_when_used

__version__ = "0.1.0"

_HOME = {
    "registry.spaces": (
        "Space", "Images", "Vectors", "Layer", "Items", "Texts", "Tables", "Scalars",
        "images", "vectors", "items", "texts", "table", "scalars", "logits",
    ),
    "registry.priors": ("Prior", "normal", "uniform", "sphere"),
    "registry.maps": ("Map", "maps"),
    "registry.model": ("Model",),
    "registry.data": ("Dataset", "ArrayDataset", "TextDataset"),
    "registry.cards": ("ModelCard", "DatasetCard", "Page"),
    "registry.parameters": ("Params", "Pick", "Column", "Slice"),
    "registry.analysis": ("Analysis", "Job", "Points"),
    "registry.scorers": ("Scorer", "Scored"),
    "registry.directions": ("Direction", "Kept"),
    "registry.result": ("Result", "Metric", "Finding"),
    "registry.hookspecs": ("hookimpl",),
    "registry.conformance": ("check_model",),
    "registry.errors": (
        "WorkbenchError", "SpaceError", "MapError", "ModelError", "DataError", "ParameterError", "DoesNotApply",
        "PluginError", "ResultError", "StoreError", "EntryError",
    ),
    "workbench.assets": ("assets",),
    "workbench.discovered": ("catalogue",),
    "workbench.store": ("Store",),
    "workbench.runs": ("run", "describe"),
    "workbench.points": ("capture",),
    "workbench.data": ("open_path",),
    "workbench.compendium.asking": ("ask",),
}  # fmt: skip
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [*_MODULE_OF, "__version__"]  # noqa: PLE0604

if TYPE_CHECKING:
    from registry.analysis import Analysis as Analysis
    from registry.analysis import Job as Job
    from registry.analysis import Points as Points
    from registry.cards import DatasetCard as DatasetCard
    from registry.cards import ModelCard as ModelCard
    from registry.cards import Page as Page
    from registry.conformance import check_model as check_model
    from registry.data import ArrayDataset as ArrayDataset
    from registry.data import Dataset as Dataset
    from registry.data import TextDataset as TextDataset
    from registry.directions import Direction as Direction
    from registry.directions import Kept as Kept
    from registry.errors import DataError as DataError
    from registry.errors import DoesNotApply as DoesNotApply
    from registry.errors import EntryError as EntryError
    from registry.errors import MapError as MapError
    from registry.errors import ModelError as ModelError
    from registry.errors import ParameterError as ParameterError
    from registry.errors import PluginError as PluginError
    from registry.errors import ResultError as ResultError
    from registry.errors import SpaceError as SpaceError
    from registry.errors import StoreError as StoreError
    from registry.errors import WorkbenchError as WorkbenchError
    from registry.hookspecs import hookimpl as hookimpl
    from registry.maps import Map as Map
    from registry.maps import maps as maps
    from registry.model import Model as Model
    from registry.parameters import Column as Column
    from registry.parameters import Params as Params
    from registry.parameters import Pick as Pick
    from registry.parameters import Slice as Slice
    from registry.priors import Prior as Prior
    from registry.priors import normal as normal
    from registry.priors import sphere as sphere
    from registry.priors import uniform as uniform
    from registry.result import Finding as Finding
    from registry.result import Metric as Metric
    from registry.result import Result as Result
    from registry.scorers import Scored as Scored
    from registry.scorers import Scorer as Scorer
    from registry.spaces import Images as Images
    from registry.spaces import Items as Items
    from registry.spaces import Layer as Layer
    from registry.spaces import Scalars as Scalars
    from registry.spaces import Space as Space
    from registry.spaces import Tables as Tables
    from registry.spaces import Texts as Texts
    from registry.spaces import Vectors as Vectors
    from registry.spaces import images as images
    from registry.spaces import items as items
    from registry.spaces import logits as logits
    from registry.spaces import scalars as scalars
    from registry.spaces import table as table
    from registry.spaces import texts as texts
    from registry.spaces import vectors as vectors
    from workbench import assets as assets
    from workbench.compendium.asking import ask as ask
    from workbench.data import open_path as open_path
    from workbench.discovered import catalogue as catalogue
    from workbench.points import capture as capture
    from workbench.runs import describe as describe
    from workbench.runs import run as run
    from workbench.store import Store as Store

__getattr__ = imported_when_used(__name__, _MODULE_OF)


def __dir__() -> list[str]:
    return sorted(__all__)
