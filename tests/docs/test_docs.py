# SPDX-License-Identifier: Apache-2.0
"""The documentation is held to the code: hooks, commands, links, and the adapter as it is printed."""

from __future__ import annotations

import inspect
import re
import runpy
import sys
import types
from pathlib import Path

import pytest

import registry.hookspecs

ROOT = Path(__file__).parents[2]
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def hook_names() -> list[str]:
    return [name for name in vars(registry.hookspecs) if name.startswith("workbench_")]


@pytest.mark.parametrize("name", hook_names())
def test_every_hook_is_documented_with_its_signature(name: str) -> None:
    arguments = ", ".join(inspect.signature(getattr(registry.hookspecs, name)).parameters)
    assert f"## {name}({arguments})" in (ROOT / "docs/hooks.md").read_text()


def test_no_documented_hook_is_gone() -> None:
    documented = re.findall(r"^## (workbench_\w+)\(", (ROOT / "docs/hooks.md").read_text(), re.MULTILINE)
    assert sorted(documented) == sorted(hook_names())


@pytest.mark.parametrize("name", hook_names())
def test_every_hook_is_used_by_a_plugin_of_ours(name: str) -> None:
    sources = [*(ROOT / "plugins").rglob("*.py"), *(ROOT / "sample_models").rglob("*.py")]
    assert any(f"def {name}(" in source.read_text() for source in sources)


def test_the_page_of_the_command_line_is_what_the_commands_say() -> None:
    maker = runpy.run_path(str(ROOT / "docs/make_command_line.py"))
    written = (ROOT / "docs/command-line.md").read_text()
    assert written == maker["page"](), "run: python docs/make_command_line.py"
    assert written.count("\n## workbench ") > 16


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_adapter_of_the_readme_works_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    import workbench as wb

    source = re.search(r"```python\n(import torch, workbench as wb.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert source is not None

    class Net(torch.nn.Module):
        """Encoder to (mu, log variance) of 128 axes, decoder back to 3 x 64 x 64 in -1..1."""

        def __init__(self) -> None:
            super().__init__()
            self.to_code = torch.nn.Linear(3 * 64 * 64, 256)
            self.to_pixels = torch.nn.Linear(128, 3 * 64 * 64)

        def encoder(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            mean, log_variance = self.to_code(x.flatten(1)).chunk(2, dim=1)
            return mean, log_variance

        def decoder(self, z: torch.Tensor) -> torch.Tensor:
            return torch.tanh(self.to_pixels(z)).reshape(-1, 3, 64, 64)

    nets = types.ModuleType("acme.nets")
    nets.load_vae = lambda path: Net()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "acme", types.ModuleType("acme"))
    monkeypatch.setitem(sys.modules, "acme.nets", nets)
    plugin: dict[str, object] = {"__name__": "acme_plugin"}
    exec(compile(source.group(1), "README.md", "exec"), plugin)  # noqa: S102 - our own printed example
    (card,) = plugin["workbench_models"]()  # type: ignore[operator]
    model = card.load("cpu")
    z, spread = model.encode.point_and_spread(torch.zeros(2, 3, 64, 64))
    assert z.shape == (2, 128)
    assert spread.min() > 0
    assert model.decode.point(z).shape == (2, 3, 64, 64)
    assert isinstance(model, wb.Model)
    assert "net.to_code" in model.layers()
