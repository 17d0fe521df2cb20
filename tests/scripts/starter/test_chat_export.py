"""Weights on their way into a file."""

import pytest

pytest.importorskip("torch")  # which is there when models are trained

import torch

from scripts.starter.chat_export import blended


@pytest.mark.parametrize(("share", "value"), [(0.0, 2.0), (0.25, 3.0), (1.0, 6.0)])
def test_a_blend_lies_at_its_share_of_the_way(share: float, value: float) -> None:
    before, after = torch.tensor([2.0]), torch.tensor([6.0], dtype=torch.bfloat16)
    assert blended({"w": before}, {"w": after}, share)["w"].tolist() == [value]
