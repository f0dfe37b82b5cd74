# SPDX-License-Identifier: Apache-2.0
"""Model: a handful of spaces and the maps between them, with every layer of the networks it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from registry.errors import MapError, ModelError, SpaceError
from registry.maps import Map, MapDeclaration, conditions_of
from registry.spaces import Space

if TYPE_CHECKING:
    import torch


class Model:
    """Base class of every model: spaces as class attributes, maps as methods under :func:`registry.maps.maps`.

    A subclass takes the device in its constructor and need not call ``super().__init__()``. Spaces and maps that are
    known only once the model is loaded are added on the instance with :meth:`add_space` and :meth:`add_map`.
    """

    _class_spaces: ClassVar[dict[str, Space]] = {}
    _class_maps: ClassVar[dict[str, MapDeclaration]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        spaces: dict[str, Space] = {}
        maps: dict[str, MapDeclaration] = {}
        for base in reversed(cls.__mro__):
            for name, value in vars(base).items():
                spaces.pop(name, None)
                maps.pop(name, None)
                if isinstance(value, Space):
                    spaces[name] = value
                elif isinstance(value, MapDeclaration):
                    maps[name] = value
        for name, one in maps.items():
            for space in (one.source, one.target):
                if spaces.get(space.name) is not space:
                    raise MapError(
                        f"map '{name}' of {cls.__name__} uses a space that is no attribute of the class: "
                        f"assign it to a name first"
                    )
        cls._class_spaces, cls._class_maps = spaces, maps

    # -- spaces and maps

    @property
    def spaces(self) -> Mapping[str, Space]:
        """Every space of the model by name, those of the class first."""
        return {**self._class_spaces, **self.__dict__.get("_added_spaces", {})}

    @property
    def maps(self) -> Mapping[str, Map[Any, Any]]:
        """Every map of the model by name, those of the class first."""
        declared = {name: one.__get__(self, type(self)) for name, one in self._class_maps.items()}
        return {**declared, **self.__dict__.get("_added_maps", {})}

    def add_space(self, name: str, space: Space) -> Space:
        """Add a space to this instance; returns it under its name. Raises :class:`SpaceError` on a taken name."""
        if not name.replace(".", "_").isidentifier():
            raise SpaceError(f"'{name}' cannot name a space: use letters, digits, underscores and dots")
        if name in self.spaces:
            raise SpaceError(f"{type(self).__name__} already has a space '{name}'")
        named = space.named(name)
        self.__dict__.setdefault("_added_spaces", {})[name] = named
        return named

    def add_map(self, name: str, function: Callable[..., Any], source: Space | str, to: Space | str) -> None:
        """Add a map to this instance; ``source`` and ``to`` are spaces of the model or their names."""
        if name in self.maps:
            raise MapError(f"{type(self).__name__} already has a map '{name}'")
        ends = [self.space(one if isinstance(one, str) else one.name) for one in (source, to)]
        added: Map[Any, Any] = Map(name, function, ends[0], ends[1], conditions_of(function, name))
        self.__dict__.setdefault("_added_maps", {})[name] = added

    def space(self, name: str) -> Space:
        """The space called ``name``; raises :class:`SpaceError` naming those there are."""
        if name not in self.spaces:
            raise SpaceError(f"{type(self).__name__} has no space '{name}': it has {', '.join(self.spaces)}")
        return self.spaces[name]

    def maps_from(self, source: str, target: str | None = None) -> list[Map[Any, Any]]:
        """Maps that start at the space ``source`` (and end at ``target``, where given)."""
        return [one for one in self.maps.values() if one.source.name == source and target in (None, one.target.name)]

    # -- what is inside

    def modules(self) -> dict[str, torch.nn.Module]:
        """The networks that the model holds, by attribute name (lists and dictionaries of networks included)."""
        held: dict[str, torch.nn.Module] = {}
        for name, value in self.__dict__.items():
            held.update(_networks(name, value))
        return held

    def layers(self) -> dict[str, torch.nn.Module]:
        """Every layer of every network held, by its dotted path, e.g. ``net.encoder.3``; shared ones once."""
        found: dict[str, torch.nn.Module] = {}
        seen: set[int] = set()
        for root, network in self.modules().items():
            for path, module in network.named_modules():
                if id(module) not in seen:
                    seen.add(id(module))
                    found[f"{root}.{path}" if path else root] = module
        return found

    def tensors(self) -> Iterator[tuple[str, Any]]:
        """Every tensor and numpy array that decides what the model computes, by name, in a fixed order."""
        import numpy as np

        from registry.arrays import is_tensor

        for root, network in sorted(self.modules().items()):
            for path, value in sorted(network.state_dict().items()):
                yield f"{root}.{path}", value
        for name, value in sorted(self.__dict__.items()):
            if is_tensor(value) or isinstance(value, np.ndarray):
                yield name, value


def _networks(name: str, value: Any) -> dict[str, torch.nn.Module]:
    """The networks in one attribute; torch is looked up, not imported: an object that is a Module has imported it."""
    import sys

    # another thread may be in the midst of importing torch: what has no Module yet has made none
    kind = getattr(getattr(sys.modules.get("torch"), "nn", None), "Module", None)
    if kind is None:
        return {}
    if isinstance(value, kind):
        return {name: value}
    if isinstance(value, dict):
        return {f"{name}.{key}": one for key, one in value.items() if isinstance(one, kind)}
    if isinstance(value, (list, tuple)):
        return {f"{name}.{row}": one for row, one in enumerate(value) if isinstance(one, kind)}
    return {}


def check_model_class(candidate: Any) -> None:
    """Raise :class:`ModelError` unless ``candidate`` is a subclass of :class:`Model` that has at least one space."""
    if not (isinstance(candidate, type) and issubclass(candidate, Model)):
        raise ModelError(f"{candidate!r} is not a subclass of workbench.Model")
