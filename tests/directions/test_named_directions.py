# SPDX-License-Identifier: Apache-2.0
"""Kept directions: compared, combined, read from files, and the code that makes them again."""

from __future__ import annotations

import json
import pickle
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from registry.errors import DataError, DoesNotApply, ModelError, ParameterError, SpaceError, StoreError
from workbench.directions import cap, code_of, combine, compare, export_files, import_file, orthogonalise
from workbench.directions.exporting import archive
from workbench.runs import run
from workbench.store import DirectionRecord, Store


def made_again(code: str) -> Any:
    """What the code leaves in ``vector``."""
    found: dict[str, Any] = {}
    exec(compile(code, "<export>", "exec"), found)  # noqa: S102  our own code, as it is exported
    return found["vector"]


def test_a_set_is_compared_with_itself(store: Store) -> None:
    found = compare(store, ["a", "b", "c"])
    half = 2**-0.5
    np.testing.assert_allclose(found.cosines, [[1, half, 0], [half, 1, 0], [0, 0, 1]], atol=1e-7)
    assert (found.model, found.space, found.width, found.pairs, found.angles) == ("flat", "z", 3, 3, None)
    assert found.random_cosine == pytest.approx(0.95)  # in three dimensions the cosine is evenly distributed
    assert found.random_largest == pytest.approx(1 - 0.05 / 3)


def test_two_sets_are_compared_by_their_spans(store: Store) -> None:
    found = compare(store, ["a", "b"], ["c", "a"])
    assert found.names == ("a", "b") and found.others == ("c", "a") and found.pairs == 4
    assert found.angles is not None and found.angles.round(6).tolist() == [0, 90]
    assert found.random_angles is not None and found.random_angles.shape == (2, 3)
    assert found.random_angles[0].max() < 1e-4  # two planes of three dimensions always share a line


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ("of-w", "'a' is of the space 'z', and 'of-w' of 'w'"),
        ("of-other", "'a' is of 'flat', and 'of-other' of 'other'"),
        ("of-data", "'a' is of 'flat', and 'of-data' of bare data"),
        ("of-old", "different weights of 'flat'"),
        ("wide", "'a' has 3 numbers, and 'wide' has 4"),
    ],
)
def test_directions_that_are_not_of_one_space_are_refused(store: Store, other: str, words: str) -> None:
    for call in (
        lambda: compare(store, ["a", other]),
        lambda: combine(store, "x", {"a": 1, other: 1}),
        lambda: orthogonalise(store, "x", "a", [other]),
    ):
        with pytest.raises(ParameterError, match=words):
            call()
    assert "x" not in {one.name for one in store.directions()}


def test_a_combination_names_its_parents_and_weights(store: Store) -> None:
    made = combine(store, "mix", {"a": 1, "c": -0.5}, note="more of one")
    assert made.vector().tolist() == [2, 0, 1.5] and (made.model, made.space) == ("flat", "z")
    assert made.fingerprint == store.direction("a").fingerprint and made.card == {}
    assert [one["weight"] for one in made.how["parents"]] == [1, -0.5]
    assert made.how["parents"][1]["sha256"] == store.direction("c").sha256 and made.how["note"] == "more of one"
    with pytest.raises(StoreError, match="a direction 'mix' already"):
        combine(store, "mix", {"a": 1})
    with pytest.raises(StoreError, match="cannot name a direction"):
        combine(store, "../mix", {"a": 1})
    with pytest.raises(StoreError, match="no direction 'd'"):
        combine(store, "no", {"d": 1})
    with pytest.raises(DataError, match="cancel"):
        combine(store, "no", {"a": 1, "c": -0.5, "mix": -1})
    with pytest.raises(ParameterError, match="at least one"):
        combine(store, "no", {})


def test_orthogonalised_is_as_long_as_before_and_free_of_the_others(store: Store) -> None:
    made = orthogonalise(store, "pure", "b", ["a", "c"])
    np.testing.assert_allclose(made.vector(), [0, 2**0.5, 0], atol=1e-6)
    assert made.how["cosine_with_original"] == pytest.approx(2**-0.5)
    assert [one["name"] for one in made.how["against"]] == ["a", "c"]
    with pytest.raises(DataError, match="nothing is left"):
        orthogonalise(store, "no", "pure", ["a", "b"])
    with pytest.raises(ParameterError, match="at least one"):
        orthogonalise(store, "no", "a", [])


def test_the_step_is_capped_at_a_length_or_by_the_prior(store: Store) -> None:
    assert np.linalg.norm(cap(store, "short", "c", length=0.25).vector()) == pytest.approx(0.25)
    usual = cap(store, "usual", "c", quantile=0.95)
    assert np.linalg.norm(usual.vector()) == pytest.approx(1.96, rel=0.03)
    assert usual.how["draws"] == 10_000 and usual.how["length"] == pytest.approx(np.linalg.norm(usual.vector()))
    with pytest.raises(ParameterError, match="a length, or a quantile"):
        cap(store, "no", "c")
    with pytest.raises(DataError, match="greater than 0"):
        cap(store, "no", "c", length=-1)
    with pytest.raises(DoesNotApply, match="has no prior"):
        cap(store, "no", "of-w", quantile=0.5)
    with pytest.raises(DoesNotApply, match="bare data"):
        cap(store, "no", "of-data", quantile=0.5)
    with pytest.raises(ParameterError, match="other weights"):
        cap(store, "no", "of-old", quantile=0.5)


@pytest.mark.parametrize("ending", [".npy", ".npz", ".safetensors"])
@pytest.mark.parametrize("shape", [(3,), (1, 3), (2, 3)])
def test_published_directions_are_imported(store: Store, tmp_path: Path, ending: str, shape: tuple[int, ...]) -> None:
    values = np.arange(1, 1 + np.prod(shape), dtype=np.float64).reshape(shape)
    path = tmp_path / f"boundary{ending}"
    if ending == ".npy":
        np.save(path, values)
    elif ending == ".npz":
        np.savez(path, boundary=values)
    else:
        save_file({"boundary": values.astype(np.float32)}, path)
    kept = import_file(store, path, ["smile"], model="flat", space="z", note="published")
    assert [one.name for one in kept] == (["smile-0", "smile-1"] if shape[0] == 2 else ["smile"])
    np.testing.assert_array_equal(np.stack([one.vector() for one in kept]), np.atleast_2d(values))
    assert kept[-1].fingerprint == store.direction("a").fingerprint
    assert kept[-1].how["file"] == path.name and kept[-1].how["row"] == len(kept) - 1
    assert compare(store, [kept[0].name, "a"]).space == "z"


def test_several_directions_have_a_name_each(store: Store, tmp_path: Path) -> None:
    np.save(tmp_path / "two.npy", np.eye(3)[:2])
    assert [one.name for one in import_file(store, tmp_path / "two.npy", ["x", "y"], model="flat", space="z")] == [
        "x",
        "y",
    ]
    for names, words in ((["p", "q", "r"], "holds 2 directions, and 3 names"), (["p", "p"], "cannot have one name")):
        with pytest.raises(ParameterError, match=words):
            import_file(store, tmp_path / "two.npy", names, model="flat", space="z")
    with pytest.raises(StoreError, match="a direction 'y' already"):
        import_file(store, tmp_path / "two.npy", ["p", "y"], model="flat", space="z")
    assert "p" not in {one.name for one in store.directions()}  # all of them, or none


def bad(values: Any) -> Any:
    return np.asarray(values, dtype=np.float64)


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        (bad([1, 2]), DataError, "of 2 numbers, and points of 'z' of 'flat' have 3"),
        (bad([1, np.nan, 2]), DataError, "NaN, infinity"),
        (bad([[1, 2, 3], [1, 1e300, 2]]), DataError, "direction 1 of 'bad.npy' holds NaN, infinity or numbers beyond"),
        (bad([[1, 2, 3], [0, 0, 0]]), DataError, "direction 1 of 'bad.npy' is zero"),
        (bad([0, 0, 0]), DataError, "is zero: it leads nowhere"),
        (bad(3.0), DataError, r"has shape \[\]"),
        (np.zeros((0, 3)), DataError, "has shape"),
        (np.ones((2, 2, 3)), DataError, "has shape"),
        (np.ones((1001, 3)), DataError, "more likely points"),
        (np.array(["a"]), DataError, "not plain numbers"),
        (np.array([{}], dtype=object), DataError, "Python objects"),
    ],
)
def test_a_file_that_holds_no_directions_is_refused(
    store: Store, tmp_path: Path, values: Any, error: type[Exception], words: str
) -> None:
    np.save(tmp_path / "bad.npy", values, allow_pickle=True)
    before = store.directions()
    with pytest.raises(error, match=words):
        import_file(store, tmp_path / "bad.npy", ["x"], model="flat", space="z")
    assert store.directions() == before


def test_files_models_and_spaces_that_are_not_there_are_named(store: Store, tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", np.ones(3))
    np.savez(tmp_path / "several.npz", first=np.ones(3), second=np.arange(3.0))
    (tmp_path / "sly.npy").write_bytes(pickle.dumps([1.0, 2.0, 3.0]))
    (tmp_path / "text.txt").write_text("1 2 3")
    go = {"model": "flat", "space": "z"}
    for path, about, error, words in (
        ("none.npy", go, DataError, "no file 'none.npy'"),
        ("text.txt", go, DataError, r"ends with .npy, .npz, .safetensors"),
        ("sly.npy", go, DataError, "'sly.npy' cannot be read"),
        ("several.npz", go, DataError, "say which array"),
        ("several.npz", {**go, "array": "third"}, DataError, "no array 'third': it holds first .3., second .3."),
        ("one.npy", {**go, "array": "x"}, DataError, "one array without a name"),
        ("one.npy", {**go, "model": "flut"}, ModelError, "flat"),
        ("one.npy", {**go, "space": "zz"}, SpaceError, "zz"),
        ("one.npy", {**go, "space": "pixels"}, SpaceError, "no space of vectors"),
    ):
        with pytest.raises(error, match=words):
            import_file(store, tmp_path / path, ["x"], **about)
    (kept,) = import_file(store, tmp_path / "several.npz", ["x"], **go, array="second")
    assert kept.vector().tolist() == [0, 1, 2]


def found_by_a_run(store: Store, **how: Any) -> DirectionRecord:
    """The second direction of a run, at half its length."""
    run("finder", model="flat", space="z", scale=2.0, seed=3, store=store, inline=True)
    (record,) = store.runs(analysis="finder")
    return store.save_direction(
        "found",
        model="flat",
        fingerprint=store.direction("a").fingerprint,
        space="z",
        vector=np.array([0.6, 0.8, 0.0], dtype=np.float32),
        how={"analysis": "finder", "run": record.id, "seed": 3, **how},
    )


@pytest.mark.parametrize("how", [{"array": "vectors", "index": 1}, {}, {"array": "mean"}])
def test_the_code_of_a_direction_runs_its_run_again(store: Store, how: dict[str, Any]) -> None:
    code = code_of(store, found_by_a_run(store, **how))
    assert "wb.run(" in code and "'finder'" in code and "scale=2.0" in code and "seed=3" in code
    assert f"result.arrays['{how.get('array', 'mean')}']" in code or not how
    code = code.replace("seed=3,", "seed=3, inline=True,")
    np.testing.assert_allclose(made_again(code), [0.6, 0.8, 0], rtol=1e-6)


def test_the_code_of_what_was_made_of_others_makes_it_again(store: Store, tmp_path: Path) -> None:
    np.save(tmp_path / "two.npy", np.eye(3)[:2])
    made = [
        combine(store, "mix", {"a": 0.3, "b": 1.7, "c": -0.5}),
        orthogonalise(store, "pure", "b", ["a", "c"]),
        cap(store, "short", "mix", length=0.5),
        cap(store, "usual", "mix", quantile=0.9),
    ]
    for one in made:
        again = made_again(code_of(store, one))
        assert again.dtype == np.float32
        np.testing.assert_allclose(again, one.vector(), rtol=1e-6, atol=1e-7)
    imported = import_file(store, tmp_path / "two.npy", ["two"], model="flat", space="z")[1]
    code = code_of(store, imported).replace("'two.npy'", repr(str(tmp_path / "two.npy")))
    assert made_again(code).tolist() == [0, 1, 0]
    store.save_direction("b", model="flat", fingerprint="f", space="z", vector=[1.0, 0.0, 0.0], replace=True)
    with pytest.raises(AssertionError, match="another direction is kept under the name b"):
        made_again(code_of(store, made[0]))


@pytest.mark.parametrize(
    "how", [{}, {"run": "0" * 12, "analysis": "finder"}, {"made": "combination"}, {"made": "import", "row": "x"}]
)
def test_without_its_run_the_code_reads_the_exported_file(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: dict[str, Any]
) -> None:
    kept = store.save_direction("odd", model="flat", fingerprint="f", space="z", vector=[1.0, 2.0, 3.0], how=how)
    files = export_files(store, kept, tmp_path / "odd")
    assert [one.name for one in files] == ["odd.safetensors", "odd.json", "odd.py"]
    monkeypatch.chdir(tmp_path)
    assert made_again(files[2].read_text()).tolist() == [1, 2, 3]
    assert json.loads(files[1].read_text())["how"] == how


def test_text_of_others_cannot_leave_the_comments_of_the_code(store: Store, tmp_path: Path, monkeypatch: Any) -> None:
    sly = "x\nvector = None\u2028raise SystemExit\r\x0bimport os\x85boom"
    kept = store.save_direction(
        "sly", model="m\nboom", fingerprint="f", space="z'\nboom", vector=[1.0], how={"note": sly, sly: sly}
    )
    export_files(store, kept, tmp_path / "sly")
    monkeypatch.chdir(tmp_path)
    assert made_again((tmp_path / "sly.py").read_text()).tolist() == [1]


def test_the_archive_holds_the_same_files_whenever_it_is_made(store: Store, tmp_path: Path) -> None:
    kept = store.direction("a")
    files = export_files(store, kept, tmp_path / "a.safetensors")
    whole = archive(store, kept)
    with zipfile.ZipFile(BytesIO(whole)) as opened:
        assert {name: opened.read(name) for name in opened.namelist()} == {one.name: one.read_bytes() for one in files}
    assert archive(store, kept) == whole
    with pytest.raises(StoreError, match="is there already"):
        export_files(store, kept, tmp_path / "a")
