# SPDX-License-Identifier: Apache-2.0
"""The lock of the sample models: every entry is whole, and old names lead somewhere."""

from __future__ import annotations

import pytest

from sample_models import assets


def test_the_lock_has_the_face_generator() -> None:
    one = assets.asset("dcgan_faces")
    assert (one.package, one.version, one.registry) == ("gan-face-generate", "1.1.1", "pypi")
    assert one.bytes == 13_306_246


def test_the_lock_has_the_network_of_expressions() -> None:
    one = assets.asset("face_expression")
    assert (one.package, one.version, one.registry) == ("@vladmandic/face-api", "1.7.15", "npm")
    assert one.archive.endswith(".tgz")
    assert one.licence.startswith("MIT")


def test_words_pictures_and_texts_are_locked() -> None:
    found = assets.LOCK.assets
    assert {"glove", "stamps", "brown", "austen", "minilm", "smollm2", "imagenet_names"} <= set(found)
    assert all(one.licence and one.attribution for one in found.values())
    assert found["glove"].members_bytes == 83_673_675
    assert found["stamps"].licence == "GPL-2"


@pytest.mark.parametrize(
    ("old", "key"),
    [("vgg16", "hed_vgg16"), ("efficientnet", "efficientnet_lite0"), ("dcgan-faces", "dcgan_faces")],
)
def test_old_names_lead_to_their_asset(old: str, key: str) -> None:
    assert assets.asset(old).key == key
