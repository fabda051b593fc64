"""Makes the PyTorch files in Tests/Fixtures/pytorch: python make_pytorch_fixtures.py

Needs PyTorch (made with 1.13, of Debian) and numpy. Each good file comes with expected.json, which has the values of
its tensors as PyTorch reads them back; what the bad files are is said where they are made.
Running it again gives the same tensors, not the same bytes: files before PyTorch 1.6 have addresses as keys.
"""

import argparse
import io
import json
import os
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path

import torch

TARGET = Path(__file__).parent / "pytorch"
torch.manual_seed(1)


def network():
    return torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.BatchNorm2d(3), torch.nn.Flatten(), torch.nn.Linear(3, 2))


def good_files():
    state = network().state_dict()
    yield "state_dict", state, {}
    yield "plain_dict", dict(state), {}
    yield "protocol4", state, {"pickle_protocol": 4}
    yield "legacy", state, {"_use_new_zipfile_serialization": False}
    yield "checkpoint", {
        "epoch": 3, "lr": 0.1, "name": "small", "best": None, "big": -(1 << 40), "classes": ["a", "b"],
        "optimizer": {"state": {0: {"momentum_buffer": torch.ones(2)}}, "param_groups": [{"params": [0], "nesterov": False}]},
        "state_dict": OrderedDict(("module." + name, tensor) for name, tensor in state.items())}, {}
    yield "averaged", {"state_dict": {"w": torch.zeros(2)}, "state_dict_ema": {"w": torch.ones(2)}}, {}
    yield "parameters", OrderedDict(network().named_parameters()), {}
    numbers = torch.randn(3, 4, dtype=torch.float64) * 100
    yield "types", {
        "half": torch.cat([numbers.half().flatten(), torch.tensor([65504, 6e-8, float("inf"), -0.0]).half()]),
        "bfloat16": numbers.bfloat16(), "double": numbers, "float": numbers.float(), "scalar": torch.tensor(1.5)}, {}
    base = torch.randn(4, 5, 6)
    yield "views", {
        "transposed": base.permute(2, 0, 1), "part": base[1:3, ::2, 1:], "tied": base, "column": base[:, 2, 3],
        "half_transposed": base[0].half().t(), "channels_last": base[None].contiguous(memory_format=torch.channels_last),
        "none": base[:0]}, {}
    yield "views_legacy", {"transposed": base.permute(2, 0, 1), "tied": base}, {"_use_new_zipfile_serialization": False}
    small = OrderedDict(network().named_parameters())
    # As PyTorch's example for ImageNet saves it, Lightning, torchvision with averaged weights, and others.
    yield "imagenet", {
        "epoch": 9, "arch": "small", "state_dict": with_prefix("module.", small), "best_acc1": torch.tensor(71.5),
        "model_ema": {"decay": torch.tensor(0.9)}}, {}
    yield "lightning", {
        "state_dict": with_prefix("model.net.", small), "hyper_parameters": {"lr": 0.1}, "callbacks": {}}, {}
    yield "swa", {
        "model": small,
        "model_ema": {"n_averaged": torch.tensor(7), **with_prefix("module.", {k: 2 * v for k, v in small.items()})}}, {}
    yield "nested", {"acc": torch.tensor(0.5), "model": {"net": with_prefix("_orig_mod.backbone.", small)}}, {}


def with_prefix(prefix, tensors):
    return OrderedDict((prefix + name, tensor.detach()) for name, tensor in tensors.items())


# Where the network's tensors are, and what stands before their names.
PLACES = {
    "checkpoint": (["state_dict"], "module."), "averaged": (["state_dict_ema"], ""), "imagenet": (["state_dict"], "module."),
    "lightning": (["state_dict"], "model.net."), "swa": (["model_ema"], "module."),
    "nested": (["model", "net"], "_orig_mod.backbone."),
}


class Malicious:
    def __reduce__(self):
        return os.system, ("touch /tmp/martlet-was-here",)


def rewritten(source, method=zipfile.ZIP_STORED, **replacements):
    """The zip in `source` with other contents for some entries of its folder."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(target, "w", method) as new:
        for entry in old.infolist():
            name = entry.filename.split("/", 1)[1]
            new.writestr(zipfile.ZipInfo(entry.filename), replacements.get(name, old.read(entry)), method)
    return target.getvalue()


def saved(value, **options):
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def bad_files():
    small = {"w": torch.arange(6.0).reshape(2, 3)}
    yield "malicious", saved({"w": torch.ones(1), "x": Malicious()})
    yield "malicious_legacy", saved(Malicious(), _use_new_zipfile_serialization=False)
    yield "malicious_protocol4", saved(Malicious(), pickle_protocol=4)
    yield "whole_model", saved(network())
    yield "namespace", saved({"state_dict": small, "args": argparse.Namespace(lr=0.1)})
    yield "compressed", rewritten(saved(small), zipfile.ZIP_DEFLATED)
    yield "short_storage", rewritten(saved(small), **{"data/0": b"\0" * 20})
    yield "integers", saved({"w": torch.arange(6).reshape(2, 3)})
    yield "no_tensors", saved({"epoch": 1})
    yield "expanded", saved({"w": torch.ones(1, 1).expand(1 << 20, 1 << 20)})
    yield "bare_pickle", pickle.dumps({"w": [1.0, 2.0]}, 2)
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(torch.nn.ReLU()), buffer)
    yield "torchscript", buffer.getvalue()


def tensors_of(name, value):
    keys, prefix = PLACES.get(name, ([], ""))
    for key in keys:
        value = value[key]
    return {name.removeprefix(prefix): tensor for name, tensor in value.items()}


TARGET.mkdir(exist_ok=True)
expected = {}
for name, value, options in good_files():
    (TARGET / f"{name}.pth").write_bytes(saved(value, **options))
    read = torch.load(TARGET / f"{name}.pth")
    expected[name] = {
        key: {"shape": list(tensor.shape), "type": str(tensor.dtype).removeprefix("torch."),
              # As bits: JSON has no infinity.
              "bits": tensor.detach().float().contiguous().view(torch.int32).flatten().tolist()
              if tensor.dim() else tensor.detach().float().reshape(1).view(torch.int32).tolist()}
        for key, tensor in tensors_of(name, read).items()}
(TARGET / "expected.json").write_text(json.dumps(expected) + "\n")
for name, contents in bad_files():
    (TARGET / f"bad_{name}.pth").write_bytes(contents)
