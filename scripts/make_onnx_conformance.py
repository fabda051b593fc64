#!/usr/bin/env python3
"""Writes ONNX's own conformance cases of the operators that Martlet reads, in the layout of ONNX's backend tests.

    scripts/make_onnx_conformance.py FOLDER OPERATOR...

makes FOLDER/<kind>/<case>/model.onnx and test_data_set_<i>/{input,output}_<j>.pb: `node`, the cases of one operator each that
the onnx package generates; `pytorch`, operators and layers as PyTorch once exported them; and `light`, whole networks whose
weights are constants. Needs the package onnx.
"""
import shutil
import sys
from pathlib import Path

import numpy
import onnx
from onnx import TensorProto, numpy_helper
from onnx.backend.test.case.node import collect_testcases


def write_case(folder, case):
    (folder / case.name).mkdir(parents=True)
    (folder / case.name / "model.onnx").write_bytes(case.model.SerializeToString())
    for index, (inputs, outputs) in enumerate(case.data_sets):
        data = folder / case.name / f"test_data_set_{index}"
        data.mkdir()
        for kind, values, infos in ("input", inputs, case.model.graph.input), ("output", outputs, case.model.graph.output):
            for position, (value, info) in enumerate(zip(values, infos)):
                if not info.type.HasField("tensor_type"):
                    continue
                tensor = value if isinstance(value, TensorProto) else numpy_helper.from_array(value, info.name)
                (data / f"{kind}_{position}.pb").write_bytes(tensor.SerializeToString())


def main():
    target, operators = Path(sys.argv[1]), set(sys.argv[2:])
    shutil.rmtree(target, ignore_errors=True)
    count = 0
    for case in collect_testcases(None):
        if case.kind == "node" and all(node.op_type in operators for node in case.model.graph.node):
            write_case(target / "node", case)
            count += 1
    installed = Path(onnx.__file__).parent / "backend/test/data"
    for kind in "pytorch-operator", "pytorch-converted":
        for case in sorted((installed / kind).iterdir()):
            shutil.copytree(case, target / "pytorch" / case.name)
            count += 1
    for model in sorted((installed / "light").glob("light_*.onnx")):
        data = target / "light" / model.stem / "test_data_set_0"
        data.mkdir(parents=True)
        shutil.copy(model, target / "light" / model.stem / "model.onnx")
        shutil.copy(model.with_name(f"{model.stem}_output_0.pb"), data / "output_0.pb")
        # As ONNX's own runner makes it.
        graph = onnx.load(model).graph
        constants = {tensor.name for tensor in graph.initializer}
        image = next(value for value in graph.input if value.name not in constants)
        shape = [dimension.dim_value or 1 for dimension in image.type.tensor_type.shape.dim]
        values = (numpy.arange(numpy.prod(shape)).reshape(shape) / numpy.prod(shape)).astype(numpy.float32)
        (data / "input_0.pb").write_bytes(numpy_helper.from_array(values, image.name).SerializeToString())
        count += 1
    print(f"{count} cases of onnx {onnx.__version__} in {target}")


main()
