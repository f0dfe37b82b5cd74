# SPDX-License-Identifier: Apache-2.0
"""The language model on a tiny random file: its arithmetic, its cache, its bounds; and files that lie."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import workbench as wb

pytest.importorskip("tokenizers")
sys.path[:0] = [str(Path(__file__).parent)]
import tiny_llama as tiny  # noqa: E402  -- the folders of the tests are no packages

from sample_models.smollm2 import gguf  # noqa: E402
from sample_models.smollm2.model import LanguageModel  # noqa: E402

TEXTS = ["the ant and the hen", "a", "than 12 hats", "zoë says «hi» 你好"]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.tiny(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


@pytest.fixture(scope="module")
def model(file: Path) -> LanguageModel:
    return LanguageModel(file)


@torch.no_grad()
def call(model: LanguageModel, name: str, batch: object, **conditions: object) -> torch.Tensor:
    return model.maps[name].point(batch, **conditions)


def test_the_stream_is_that_of_a_plain_implementation_in_another_layout(model: LanguageModel) -> None:
    weights = tiny.published()
    for text in TEXTS:
        ids = model.words.encode(text)
        expected = tiny.streams(ids, weights)
        layers = [f"net.stream.{number}" for number in range(tiny.BLOCKS + 1)]
        for position in (0, len(ids) // 2, -1):
            with torch.no_grad():
                (seen,) = wb.capture(model, "read", [[text]], layers, position=position)
            for number, layer in enumerate(layers):
                np.testing.assert_allclose(seen[layer][0], expected[number][position], atol=2e-4, rtol=1e-4)
            np.testing.assert_allclose(seen[""][0], expected[-1][position], atol=2e-4, rtol=1e-4)
        found = call(model, "predict", call(model, "read", [text]))[0]
        np.testing.assert_allclose(found, tiny.logits(expected[-1][-1], weights), atol=1e-3, rtol=1e-3)


def test_a_text_is_scored_as_its_tokens_are_expected(model: LanguageModel) -> None:
    weights = tiny.published()
    for row, text in zip(call(model, "score", TEXTS), TEXTS, strict=True):
        ids = model.words.encode(text)
        said = tiny.logits(tiny.streams(ids, weights)[-1], weights)
        said = said - np.log(np.exp(said).sum(axis=1, keepdims=True))
        expected = np.mean([said[at, one] for at, one in enumerate(ids[1:])]) if len(ids) > 1 else 0.0
        assert row[0].item() == pytest.approx(expected, abs=1e-3)
        assert row[1].item() == len(ids) - 1


def test_what_is_filled_in_changes_nothing_and_the_order_neither(model: LanguageModel) -> None:
    together = call(model, "read", TEXTS)
    for row, text in enumerate(TEXTS):
        torch.testing.assert_close(call(model, "read", [text])[0], together[row], atol=1e-4, rtol=1e-5)
    torch.testing.assert_close(
        call(model, "score", TEXTS[::-1]).flip(0), call(model, "score", TEXTS), atol=1e-4, rtol=1e-5
    )


def test_captured_rows_stand_in_the_order_of_the_texts_however_many_go_together(
    model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts are sorted by length, and gone through in parts: no hook may see that."""
    layers = [f"net.stream.{number}" for number in range(tiny.BLOCKS + 1)]
    with torch.no_grad():
        for at_once in (4096, 30, 1):
            monkeypatch.setattr("sample_models.smollm2.model.AT_ONCE", at_once)
            (seen,) = wb.capture(model, "read", [TEXTS], layers)
            assert torch.equal(seen[""], seen[layers[-1]])
            for row, text in enumerate(TEXTS):
                (alone,) = wb.capture(model, "read", [[text]], layers)
                for layer in layers:
                    torch.testing.assert_close(seen[layer][row], alone[layer][0], atol=1e-4, rtol=1e-5)


def test_a_token_looks_only_back(model: LanguageModel) -> None:
    first = call(model, "read", ["the ant and"], position=2)
    torch.testing.assert_close(
        call(model, "read", ["the ant eats nothing at all"], position=2), first, atol=1e-4, rtol=1e-5
    )


def test_writing_on_with_kept_keys_is_writing_on_without(model: LanguageModel) -> None:
    """Greedy: each token is the most likely after the whole text so far; rows of unequal length go together."""
    written = model.maps["continue"](TEXTS, tokens=6)
    for text, one in zip(TEXTS, written, strict=True):
        ids = model.words.encode(text)
        expected: list[int] = []
        with torch.no_grad():
            for _ in range(6):
                stream = model.net.flow(torch.tensor([ids + expected]))
                expected.append(int(model.net.logits(stream[0, -1]).argmax()))
                if expected[-1] == model.words.end:
                    break
        assert one == model.words.decode(expected)


def test_draws_follow_from_the_text_and_the_seed_alone(model: LanguageModel) -> None:
    write = model.maps["continue"]
    drawn = write(TEXTS, tokens=8, temperature=1.0)
    assert drawn == write(TEXTS, tokens=8, temperature=1.0)
    assert drawn[0] == write(TEXTS[:1], tokens=8, temperature=1.0)[0]
    assert drawn != write(TEXTS, tokens=8, temperature=1.0, seed=1)
    assert write(TEXTS, tokens=8, temperature=1.0, among=1) == write(TEXTS, tokens=8)


def test_an_added_vector_is_gone_afterwards_even_after_an_error(model: LanguageModel) -> None:
    before = call(model, "read", TEXTS)
    vector = torch.arange(tiny.WIDTH, dtype=torch.float32)
    with model.steered(f"net.stream.{tiny.BLOCKS}", vector):
        torch.testing.assert_close(call(model, "read", TEXTS), before + vector)
    with pytest.raises(ZeroDivisionError), model.steered("net.stream.1", vector):
        assert not torch.allclose(call(model, "read", TEXTS), before)
        raise ZeroDivisionError
    assert torch.equal(call(model, "read", TEXTS), before)
    for layer, wrong in (("net.stream.9", vector), ("net.stream.1", vector[:3]), ("net.stream.1", vector * np.nan)):
        with pytest.raises(wb.SpaceError), model.steered(layer, wrong):
            pass


def test_texts_of_any_kind_are_read_and_too_long_ones_are_told(model: LanguageModel) -> None:
    assert call(model, "read", ["", " ", "\0", "<end>", "🦆" * 5, "שלום мир 你好"]).isfinite().all()
    assert model.words.encode("<end>") != [0]  # a mark in a text is text
    assert "".join(model.tokens(TEXTS[0])) == TEXTS[0]
    with pytest.raises(wb.MapError, match="10,000 characters is 10,000 tokens, and at most 64 are taken"):
        call(model, "read", ["x" * 10_000])
    with pytest.raises(wb.MapError, match="too long"):
        call(model, "read", ["x" * 1_000_000])
    with pytest.raises(wb.MapError, match="no position 9"):
        call(model, "read", ["an an"], position=9)
    for wrong in ({"tokens": 0}, {"temperature": float("nan")}, {"temperature": -1.0}):
        with pytest.raises(wb.MapError):
            model.maps["continue"](["a"], **wrong)


def test_the_model_keeps_the_contract(model: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.conformance.side_effects.ROUNDS", 2)  # memory is looked at on the real one
    report = wb.check_model(model)
    assert [one for one in report.checks if one.outcome == "fail"] == []
    from workbench.points import trace

    described = trace(model)
    assert list(described.layers) == [f"net.stream.{number}" for number in range(tiny.BLOCKS + 1)]
    assert {one.shape for one in described.layers.values()} == {(tiny.WIDTH,)}
    assert described.problems == []


def test_numbers_of_four_and_eight_bits_are_unpacked_one_by_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    scale, low = np.float16([0.25, -1.5, 3]), np.float16([0.5, 8, -1])
    four, eight = rng.integers(0, 256, (3, 16), dtype=np.uint8), rng.integers(-128, 128, (3, 32), dtype=np.int8)
    raw = {
        "four": (3, b"".join(scale[i].tobytes() + low[i].tobytes() + four[i].tobytes() for i in range(3))),
        "eight": (8, b"".join(scale[i].tobytes() + eight[i].tobytes() for i in range(3))),
        "half": (1, scale.tobytes()),
    }
    empty = {"four": np.empty((3, 32)), "eight": np.empty((1, 96)), "half": np.empty(3)}
    held = gguf.read(tiny.write(tmp_path / "q.gguf", empty, {"general.architecture": "llama"}, raw)).tensors
    for i in range(3):
        expected = [float(scale[i]) * (int(b) & 15) + float(low[i]) for b in four[i]]
        expected += [float(scale[i]) * (int(b) >> 4) + float(low[i]) for b in four[i]]
        np.testing.assert_array_equal(held["four"].values()[i], np.float32(expected))
        np.testing.assert_array_equal(held["eight"].values()[0, 32 * i : 32 * i + 32], float(scale[i]) * eight[i])
    np.testing.assert_array_equal(held["half"].values(), np.float32(scale))


def test_a_file_that_is_cut_off_anywhere_is_refused(file: Path, tmp_path: Path) -> None:
    whole, cut = file.read_bytes(), tmp_path / "cut.gguf"
    for share in (0.0, 0.00001, 0.0005, 0.01, 0.05, 0.3, 0.9, 0.9999):
        cut.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(wb.ModelError, match=r"'cut.gguf' cannot be read"):
            LanguageModel(cut)


@pytest.mark.parametrize(
    ("lie", "told"),
    [
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 0), "says that it holds"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 60), "says that it holds"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1 << 62), "said to follow"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + tiny.text("a") + struct.pack("<IIQ", 9, 4, 1 << 61), "list is said"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + tiny.text("a") + struct.pack("<IIQ", 9, 8, 1 << 61), "list is said"),
        (
            b"GGUF"
            + struct.pack("<IQQ", 3, 0, 1)
            + tiny.text("a")
            + struct.pack("<I", 9)
            + struct.pack("<IQ", 9, 1) * 9,
            "unknown type",
        ),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + tiny.text("a") + struct.pack("<II", 99, 0), "unknown type"),
        (
            b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + tiny.text("a") + struct.pack("<IQQIQ", 2, 2**40, 2**40, 0, 0),
            "ends",
        ),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + tiny.text("a") + struct.pack("<IQIQ", 1, 8, 0, 1 << 60), "ends at"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + tiny.text("a") + struct.pack("<IQIQ", 1, 33, 8, 0), "cannot hold"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + tiny.text("a") + struct.pack("<IQIQ", 1, 32, 77, 0), "type 77"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + tiny.text("a") + struct.pack("<I", 77), "77 axes"),
        (b"GGUF" + struct.pack("<IQQ", 9, 0, 0), "version 9"),
        (b"PK\3\4 nothing", "does not begin"),
    ],
)
def test_a_file_whose_lengths_lie_is_refused(lie: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "lie.gguf"
    path.write_bytes(lie + b"\0" * 64)
    with pytest.raises(wb.ModelError, match=told):
        gguf.read(path)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"general.architecture": "mamba"}, "kind 'mamba'"),
        ({"llama.block_count": 4_000_000_000}, "not what 4000000000 blocks"),
        ({"llama.attention.head_count": 5}, "do not make a network"),
        ({"llama.feed_forward_length": 96}, r"is \[64, 32\], expected \[96, 32\]"),
        ({"tokenizer.ggml.model": "llama"}, "split as"),
        ({"tokenizer.ggml.tokens": ["a"]}, "vocabulary|merge"),
        ({"tokenizer.ggml.merges": ["a b c d", "ab"]}, "merge"),
    ],
)
def test_settings_that_do_not_fit_the_tensors_are_refused(
    changed: dict[str, object], told: str, tmp_path: Path
) -> None:
    path = tiny.write(tmp_path / "odd.gguf", tiny.published(), {**tiny.settings(), **changed})
    with pytest.raises(wb.ModelError, match=told):
        LanguageModel(path)


def test_prompts_have_an_answer_and_a_tempting_other() -> None:
    data = wb.catalogue().dataset("prompts-with-answers").open()
    columns = data.columns
    assert len(data) == 146
    assert (columns["answer"] != columns["other"]).all()
    assert columns["answer"].str.startswith(" ").all()
    assert not columns["text"].duplicated().any()
    assert set(columns["task"]) == {"indirect object", "capital", "plural", "opposite", "agreement"}


def test_without_its_file_the_model_says_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    with pytest.raises(wb.ModelError, match=r"'smollm2' .*92.9 MB.*workbench assets fetch smollm2"):
        wb.catalogue().model("smollm2").load()
