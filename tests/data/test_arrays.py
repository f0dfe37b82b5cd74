# SPDX-License-Identifier: Apache-2.0
"""Arrays and tables in files: what is read is what was saved, and what cannot be points is refused in words."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from safetensors.numpy import save_file

import workbench as wb
from registry.arrays import Array
from workbench.data import fit, open_path

X = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
BYTES = np.random.default_rng(1).integers(0, 256, (5, 8, 8), dtype=np.uint8)


def saved(path: Path, values: Array) -> Path:
    np.save(path, values)
    return path


class TestNpy:
    def test_vectors_are_mapped_not_read(self, tmp_path: Path) -> None:
        data = open_path(saved(tmp_path / "x.npy", X))
        assert data.space == wb.vectors(4) and len(data) == 6
        assert np.array_equal(data.batch(np.array([4, 0])), X[[4, 0]])
        assert isinstance(data, wb.ArrayDataset) and isinstance(data.values, np.memmap)

    def test_the_space_takes_a_name_when_asked(self, tmp_path: Path) -> None:
        assert open_path(saved(tmp_path / "x.npy", X), space="w").space.name == "w"

    def test_bytes_are_scaled_when_read(self, tmp_path: Path) -> None:
        data = open_path(saved(tmp_path / "x.npy", BYTES))
        assert data.space == wb.images(1, 8, 8)
        assert np.allclose(data.batch(np.arange(5))[:, 0], BYTES / 255, atol=1e-7)
        data.space.validate(data.batch(np.arange(5)))
        assert isinstance(data, wb.ArrayDataset) and data.values.dtype == np.uint8

    def test_colour_in_either_layout(self, tmp_path: Path) -> None:
        colour = np.random.default_rng(2).integers(0, 256, (4, 6, 5, 3), dtype=np.uint8)
        last = open_path(saved(tmp_path / "last.npy", colour))
        first = open_path(saved(tmp_path / "first.npy", colour.transpose(0, 3, 1, 2)))
        assert last.space == first.space == wb.images(3, 6, 5)
        assert np.array_equal(last.batch(np.array([2])), first.batch(np.array([2])))
        both = saved(tmp_path / "both.npy", np.zeros((2, 3, 6, 3), dtype=np.uint8))
        with pytest.raises(wb.DataError, match="say layout=channels-first or layout=channels-last"):
            open_path(both)
        assert open_path(both, layout="channels-last").space == wb.images(3, 3, 6)

    @pytest.mark.parametrize(
        ("low", "high", "space"),
        [(0, 1, (0, 1)), (-1, 1, (-1, 1)), (0, 255, (0, 1))],
    )
    def test_the_range_of_floating_images(self, tmp_path: Path, low: int, high: int, space: tuple[int, int]) -> None:
        values = np.linspace(low, high, 64, dtype=np.float32).reshape(1, 8, 8)
        data = open_path(saved(tmp_path / "x.npy", values))
        assert data.space == wb.images(1, 8, 8, low=space[0], high=space[1])
        data.space.validate(data.batch(np.array([0])))

    def test_an_unknown_range_is_asked_for(self, tmp_path: Path) -> None:
        path = saved(tmp_path / "x.npy", np.linspace(-3, 3, 64, dtype=np.float32).reshape(1, 8, 8))
        with pytest.raises(wb.DataError, match="runs from -3 to 3: give the range"):
            open_path(path)
        assert open_path(path, low=-4, high=4).space == wb.images(1, 8, 8, low=-4, high=4)
        assert open_path(path, kind="vectors").space == wb.vectors(64)
        with pytest.raises(wb.DataError, match="outside of 0 to 1"):
            open_path(path, low=0, high=1)

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            (np.zeros(5), r"has shape \[5\]: points need at least two dimensions"),
            (np.float32(3), r"has shape \[\]"),
            (np.zeros((0, 3)), "there are no points in it"),
            (np.zeros((3, 0)), "there are no points in it"),
            (np.zeros((2, 2, 2, 2, 2)), "give kind=vectors"),
            (np.array([["a", "b"]]), "not plain numbers: save it as an array of float32"),
            (np.zeros((2, 2), dtype=complex), "complex128, not plain numbers"),
            (np.array([[0, 1], [np.nan, 0]]), r"NaN, infinity or numbers beyond float32 \(first: row 1\)"),
            (np.array([[0, 1], [0, 2], [0, -np.inf]]), r"\(first: row 2\)"),
            (np.array([[1e300, 1]]), r"beyond float32 \(first: row 0\)"),
        ],
    )
    def test_what_is_no_array_of_points_is_refused(self, tmp_path: Path, values: Array, sentence: str) -> None:
        with pytest.raises(wb.DataError, match=sentence):
            open_path(saved(tmp_path / "x.npy", values))

    def test_objects_and_damaged_files_are_refused_without_unpickling(self, tmp_path: Path) -> None:
        ragged = np.empty(2, dtype=object)
        ragged[0], ragged[1] = [1], [1, 2]
        np.save(tmp_path / "ragged.npy", ragged, allow_pickle=True)
        with pytest.raises(wb.DataError, match="'ragged.npy' holds Python objects"):
            open_path(tmp_path / "ragged.npy")
        for name, content in {
            "empty": b"",
            "text": b"hello",
            "cut": saved(tmp_path / "x.npy", X).read_bytes()[:150],
        }.items():
            (tmp_path / f"{name}.npy").write_bytes(content)
            with pytest.raises(wb.DataError, match=f"'{name}.npy' cannot be read"):
                open_path(tmp_path / f"{name}.npy")
        header = saved(tmp_path / "huge.npy", X).read_bytes().replace(b"(6, 4)", b"(9**9,)"[:6])
        (tmp_path / "huge.npy").write_bytes(header.replace(b"(9**9,", b"(9999,"))
        with pytest.raises(wb.DataError, match="cannot be read"):
            open_path(tmp_path / "huge.npy")

    def test_a_table_beside_it_gives_its_columns(self, tmp_path: Path) -> None:
        path = saved(tmp_path / "x.npy", X)
        plain = open_path(path).fingerprint()
        pd.DataFrame({"digit": range(6), "name": list("abcdef")}).to_csv(tmp_path / "x.csv", index=False)
        data = open_path(path)
        assert data.columns["digit"].tolist() == list(range(6)) and data.columns["name"][2] == "c"
        assert data.fingerprint() != plain
        pd.DataFrame({"digit": range(5)}).to_csv(tmp_path / "x.csv", index=False)
        with pytest.raises(wb.DataError, match="'x.csv' has 5 rows, 'x.npy' beside it has 6"):
            open_path(path)

    @settings(max_examples=25, deadline=None)
    @given(arrays(np.float32, st.tuples(st.integers(1, 9), st.integers(1, 5)), elements=st.floats(-9, 9, width=32)))
    def test_rows_come_back_exactly(self, tmp_path_factory: pytest.TempPathFactory, values: Array) -> None:
        data = open_path(saved(tmp_path_factory.mktemp("data") / "x.npy", values))
        rows = np.arange(len(values))[::-1]
        assert np.array_equal(data.batch(rows), values[rows])


class TestNamedArrays:
    def test_labels_beside_the_points_are_columns(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "x.npz", pictures=BYTES, digit=np.arange(5), other=np.arange(3))
        save_file({"pictures": BYTES, "digit": np.arange(5), "other": np.arange(3)}, tmp_path / "x.safetensors")
        for name in ("x.npz", "x.safetensors"):
            data = open_path(tmp_path / name)
            assert data.space == wb.images(1, 8, 8) and list(data.columns) == ["digit"]
            assert np.allclose(data.batch(np.array([3]))[0, 0], BYTES[3] / 255, atol=1e-7)

    def test_several_arrays_need_a_name(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "x.npz", a=X, b=X + 1)
        with pytest.raises(
            wb.DataError, match=r"holds a \[6, 4\], b \[6, 4\]: say which array is the points with values"
        ):
            open_path(tmp_path / "x.npz")
        assert np.array_equal(open_path(tmp_path / "x.npz", values="b").batch(np.array([1])), X[[1]] + 1)
        with pytest.raises(wb.DataError, match="has no array 'c': it has a, b"):
            open_path(tmp_path / "x.npz", values="c")

    def test_objects_and_damage_are_refused(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "x.npz", a=np.array([{"x": 1}]), allow_pickle=True)
        with pytest.raises(wb.DataError, match="array 'a' of 'x.npz' holds Python objects"):
            open_path(tmp_path / "x.npz")
        for name in ("bad.npz", "bad.safetensors"):
            (tmp_path / name).write_bytes(b"\xff" * 40)
            with pytest.raises(wb.DataError, match=f"'{name}' cannot be read as a"):
                open_path(tmp_path / name)

    def test_half_precision_in_safetensors(self, tmp_path: Path) -> None:
        import torch
        from safetensors.torch import save_file as save_torch

        values = torch.tensor([[1.0, -2.5], [0.0, 3.0]])
        save_torch({"x": values.to(torch.bfloat16)}, tmp_path / "b.safetensors")
        save_torch({"x": values.to(torch.float16)}, tmp_path / "h.safetensors")
        for name in ("b", "h"):
            assert np.array_equal(open_path(tmp_path / f"{name}.safetensors").batch(np.arange(2)), values.numpy())


class TestTables:
    TABLE = pd.DataFrame({"a": [1.0, 2.0, 3.0], "name": ["x", "y", "z"], "b": [4, 5, 6], "digit": [7, 8, 9]})

    def write(self, folder: Path, ending: str, table: pd.DataFrame) -> Path:
        path = folder / f"t.{ending}"
        table.to_csv(path, index=False) if ending == "csv" else table.to_parquet(path)
        return path

    @pytest.mark.parametrize("ending", ["csv", "parquet"])
    def test_numeric_columns_are_the_points(self, tmp_path: Path, ending: str) -> None:
        path = self.write(tmp_path, ending, self.TABLE)
        data = open_path(path)
        assert data.space == wb.vectors(3, axes=["a", "b", "digit"]) and list(data.columns) == ["name"]
        assert data.batch(np.array([2])).tolist() == [[3, 6, 9]]
        data = open_path(path, labels="digit")
        assert data.space == wb.vectors(2, axes=["a", "b"]) and list(data.columns) == ["name", "digit"]
        data = open_path(path, values=["b"])
        assert data.space == wb.vectors(1, axes=["b"]) and list(data.columns) == ["a", "name", "digit"]

    def test_numbers_without_a_line_of_names(self, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text("1,2\n3,4\n5,6\n")
        assert open_path(tmp_path / "t.csv").batch(np.arange(3)).tolist() == [[1, 2], [3, 4], [5, 6]]

    def test_a_column_of_lists_is_a_space(self, tmp_path: Path) -> None:
        table = pd.DataFrame({"embedding": [[1.0, 2.0], [3.0, 4.0]], "label": ["a", "b"]})
        path = self.write(tmp_path, "parquet", table)
        data = open_path(path, values="embedding")
        assert data.space == wb.vectors(2) and data.batch(np.array([1])).tolist() == [[3, 4]]
        self.write(tmp_path, "parquet", pd.DataFrame({"embedding": [[1.0], [3.0, 4.0]]}))
        with pytest.raises(wb.DataError, match=r"column 'embedding' of 't.parquet' is ragged: .* \[1, 2\]"):
            open_path(path, values="embedding")

    @pytest.mark.parametrize(
        ("text", "options", "sentence"),
        [
            ("", {}, "cannot be read as a .csv file: No columns"),
            ("a,b\n", {}, "has no rows"),
            ("a,b\nx,y\n", {}, "no column of numbers to be points: it has a, b"),
            (
                "a,b\n1,2\n3,\n",
                {},
                r"column 'b' of 't.csv' is empty, NaN or too large .* in 1 of 2 rows \(first: row 1\)",
            ),
            ("a,b\n1,1e300\n", {}, "too large for float32"),
            ("a,b\n1,2\n1,2,3,4\n", {}, "cannot be read as a .csv file: Error tokenizing data"),
            ("a,b\n1,x\n", {"values": "b"}, "column 'b' of 't.csv' is not made of numbers"),
            ("a,b\n1,2\n", {"values": "c"}, "has no column 'c': it has a, b"),
        ],
    )
    def test_what_is_no_table_of_points_is_refused(
        self, tmp_path: Path, text: str, options: dict[str, str], sentence: str
    ) -> None:
        (tmp_path / "t.csv").write_text(text)
        with pytest.raises(wb.DataError, match=sentence):
            open_path(tmp_path / "t.csv", **options)

    def test_damaged_files_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / "t.parquet").write_bytes(b"PAR1 nothing")
        (tmp_path / "u.csv").write_bytes(b"a,b\n\xff\xfe,1\n")
        for name in ("t.parquet", "u.csv"):
            with pytest.raises(wb.DataError, match=f"'{name}' cannot be read"):
                open_path(tmp_path / name)


class TestOpenPath:
    def test_what_is_not_there_or_not_known(self, tmp_path: Path) -> None:
        with pytest.raises(wb.DataError, match="there is no file or folder"):
            open_path(tmp_path / "none.npy")
        (tmp_path / "x.pkl").write_bytes(b"")
        with pytest.raises(
            wb.DataError, match="'x.pkl' is no data that can be opened: give a folder of images, or one of"
        ):
            open_path(tmp_path / "x.pkl")

    def test_wrong_options_are_named(self, tmp_path: Path) -> None:
        path = saved(tmp_path / "x.npy", X)
        with pytest.raises(wb.DataError, match="'kinds' is no option for a .npy: did you mean 'kind'"):
            open_path(path, kinds="vectors")
        for options in ({"kind": "sounds"}, {"layout": "last"}, {"low": 0.0}, {"low": 2.0, "high": 1.0}):
            with pytest.raises(wb.DataError):
                open_path(path, **options)

    def test_a_file_too_large_to_be_read_whole_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import psutil

        np.savez(tmp_path / "x.npz", a=X)
        monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"available": 100})())
        with pytest.raises(wb.DataError, match="save the points as .npy, which is read piece by piece"):
            open_path(tmp_path / "x.npz")

    def test_fingerprints_are_of_the_content_and_the_options(self, tmp_path: Path) -> None:
        path = saved(tmp_path / "x.npy", np.ones((2, 3, 6, 3), dtype=np.float32))
        other = saved(tmp_path / "y.npy", np.ones((2, 3, 6, 3), dtype=np.float32))
        first = open_path(path, layout="channels-last").fingerprint()
        assert first == open_path(path, layout="channels-last").fingerprint()
        assert first == open_path(other, layout="channels-last").fingerprint()
        assert first != open_path(path, layout="channels-first").fingerprint()
        saved(path, np.zeros((2, 3, 6, 3), dtype=np.float32))
        os.utime(path, ns=(1, 1))
        assert first != open_path(path, layout="channels-last").fingerprint()


class TestFit:
    def test_the_range_is_rescaled(self) -> None:
        data = wb.ArrayDataset(np.linspace(0, 1, 64).reshape(1, 1, 8, 8), wb.images(1, 8, 8))
        fitted = fit(data, wb.images(1, 8, 8, low=-1, high=1))
        assert np.allclose(fitted.batch(np.array([0])).ravel(), np.linspace(-1, 1, 64), atol=1e-6)
        assert fitted.fingerprint() == data.fingerprint() and len(fitted) == 1
        assert fit(data, data.space) is data

    def test_colour_and_grey(self) -> None:
        colour = np.zeros((3, 3, 2, 2), dtype=np.float32)
        colour[[0, 1, 2], [0, 1, 2]] = 1  # red, green, blue
        grey = fit(wb.ArrayDataset(colour, wb.images(3, 2, 2)), wb.images(1, 2, 2)).batch(np.arange(3))
        assert np.allclose(grey[:, 0, 0, 0], [0.299, 0.587, 0.114])
        back = fit(wb.ArrayDataset(grey, wb.images(1, 2, 2)), wb.images(3, None, None)).batch(np.arange(3))
        assert back.shape == (3, 3, 2, 2) and np.array_equal(back[:, 0], back[:, 2])

    @pytest.mark.parametrize(
        ("have", "want", "sentence"),
        [
            (wb.images(1, 28, 28), wb.images(1, 32, 32), "1 x 28 x 28, .* 1 x 32 x 32: open the data at that size"),
            (wb.images(4, 8, 8), wb.images(3, 8, 8), "4 x 8 x 8, .* 3 x 8 x 8"),
            (wb.vectors(3), wb.vectors(4), "vectors of shape 3, .* vectors of shape 4"),
            (wb.vectors(64), wb.images(1, 8, 8), "vectors of shape 64, .* 1 x 8 x 8"),
            (wb.items(["a"]), wb.items(["b"]), "items"),
            (wb.table(["a"]), wb.table(["a", "b"]), "a table of a, .* a table of a, b"),
            (wb.texts(), wb.vectors(2), "texts"),
            (wb.vectors(2), wb.Layer(size=2, shape=(2,), map="go"), "is captured, not read"),
        ],
    )
    def test_what_does_not_fit_is_told_with_both_shapes(self, have: wb.Space, want: wb.Space, sentence: str) -> None:
        data = wb.ArrayDataset(np.zeros((1, 1)), have)
        with pytest.raises(wb.DataError, match=sentence) as failure:
            fit(data, want.named("there"))
        assert "'there'" in str(failure.value)

    def test_what_fits_by_kind(self) -> None:
        for have, want in (
            (wb.texts(), wb.texts()),
            (wb.items(["a", "b"]), wb.items(["a", "b"])),
            (wb.table(["a", "b"]), wb.table(["a"])),
            (wb.vectors(2, axes=["p", "q"]), wb.vectors(2, prior=wb.normal())),
        ):
            assert fit(wb.ArrayDataset(np.zeros((1, 1)), have), want).space == want
