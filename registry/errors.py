# SPDX-License-Identifier: Apache-2.0
"""The errors of the workbench: one family, so that one ``except`` at an edge catches what users can mend."""

from __future__ import annotations


class WorkbenchError(Exception):
    """Something a user can mend; the message is one sentence that names the thing and the way out."""


class SpaceError(WorkbenchError):
    """A batch is not made of points of the space it was given to."""


class MapError(WorkbenchError):
    """A map is declared wrongly, or returned something that is not a batch of its target space."""


class ModelError(WorkbenchError):
    """A model cannot be found, loaded or used."""


class DataError(WorkbenchError):
    """A data set cannot be found, read or fitted to a model."""


class ParameterError(WorkbenchError):
    """A parameter of an analysis has a value that it cannot have."""


class DoesNotApply(WorkbenchError):
    """An analysis asks for a kind of space, map or column that the model and data do not have."""


class PluginError(WorkbenchError):
    """A plugin offers something that breaks the contract; raised while listing, never while running."""


class ResultError(WorkbenchError):
    """An analysis returned something that cannot be stored."""


class StoreError(WorkbenchError):
    """The store cannot be opened, read or written, or has no such run, slice or data set."""


class EntryError(WorkbenchError):
    """An entry of the compendium is not what an entry must be; the message names the file and the field."""
