"""Writes the int8 networks that the other engines run best: python quantise.py FILE.onnx

FILE_int8.onnx, by ONNX Runtime's own tool, and FILE_int8.xml, by OpenVINO's (nncf). Calibrated on noise: it is for speed, which
does not depend on the scales, and of no use to compare answers.
"""
import sys
import tempfile
from pathlib import Path

import nncf
import numpy as np
import onnxruntime
import openvino
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quant_pre_process, quantize_static

IMAGES = 20


class Noise(CalibrationDataReader):
    def __init__(self, entry):
        random = np.random.default_rng(7)
        self.images = [random.standard_normal((1, *entry.shape[1:]), dtype=np.float32) for _ in range(IMAGES)]
        self.inputs = iter([{entry.name: image} for image in self.images])

    def get_next(self):
        return next(self.inputs, None)


def main():
    path = Path(sys.argv[1])
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    noise = Noise(session.get_inputs()[0])
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / path.name
        quant_pre_process(path, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared, path.with_name(f"{path.stem}_int8.onnx"), noise, quant_format=QuantFormat.QDQ, per_channel=True,
            activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
    network = nncf.quantize(openvino.Core().read_model(path), nncf.Dataset(noise.images), subset_size=IMAGES)
    openvino.save_model(network, path.with_name(f"{path.stem}_int8.xml"))


main()
