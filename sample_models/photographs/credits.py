# SPDX-License-Identifier: Apache-2.0
"""Which photographs there are, who made them, and under which licence they may be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CC0: Final = "CC0 1.0"
PUBLIC: Final = "public domain"
BY: Final = "CC BY 2.0"


@dataclass(frozen=True)
class Photograph:
    """One picture: its name, what it shows, its licence, whom to thank, and where it lies in its package."""

    name: str
    shows: str
    licence: str
    credit: str
    member: str


def _scikit_image(name: str, shows: str, licence: str, credit: str, file: str = "") -> Photograph:
    return Photograph(name, shows, licence, credit, f"skimage/data/{file or name + '.png'}")


PHOTOGRAPHS: Final = (
    _scikit_image("chelsea", "a cat's face", CC0, "Stefan van der Walt"),
    _scikit_image("coffee", "a cup of espresso on a table", CC0, "Rachel Michetti, courtesy of Pikolo Espresso Bar"),
    _scikit_image("rocket", "a rocket on its launch pad", PUBLIC, "SpaceX (launch of DSCOVR, 2015)", "rocket.jpg"),
    _scikit_image("astronaut", "an astronaut and a model of a shuttle", PUBLIC, "NASA (portrait of Eileen Collins)"),
    Photograph(
        "china",
        "a temple by a lake",
        BY,
        "danielbuechele, flickr.com/photos/danielbuechele/6061409035; cropped and scaled",
        "sklearn/datasets/images/china.jpg",
    ),
    Photograph(
        "flower",
        "a dahlia",
        BY,
        "vultilion, flickr.com/photos/vultilion/6056698931 (the package's own note also names danielbuechele); "
        "cropped and scaled",
        "sklearn/datasets/images/flower.jpg",
    ),
    _scikit_image(
        "hubble", "galaxies", PUBLIC, "NASA and ESA (Hubble eXtreme Deep Field, 2012)", "hubble_deep_field.jpg"
    ),
    _scikit_image("retina", "the back of an eye", CC0, "Mikael Häggström (2014)", "retina.jpg"),
    _scikit_image("camera", "a man with a camera, grey", CC0, "Lav Varshney", "camera.png"),
    _scikit_image("brick", "a brick wall, grey", CC0, "CC0Textures (Bricks25)"),
    _scikit_image("grass", "grass, grey", CC0, "linolafett (DeviantArt, Grass 01)"),
    _scikit_image("gravel", "gravel, grey", CC0, "CC0Textures (Gravel04)"),
)
"""The twelve photographs in the order of the data set: colour first, grey ones last."""
