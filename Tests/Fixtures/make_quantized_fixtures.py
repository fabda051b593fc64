"""Makes the quantised networks in Tests/Fixtures/models: python make_quantized_fixtures.py

Needs numpy, onnx and onnxruntime (PyPI). One small network with a residual, with scales for each output or one for all, in both of the
formats that ONNX Runtime's quantiser writes: QDQ (QuantizeLinear and DequantizeLinear around operators of floats) and QOperator
(operators of integers). With each an input and ONNX Runtime's output. Running it again gives the same bytes.
"""

from pathlib import Path

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

TARGET = Path(__file__).parent / "models"
random = np.random.default_rng(5)

# Scale and zero point of what stands between layers; products of scales are no multiples of one another.
GRIDS = {"x": (0.02137, 128), "a": (0.01319, 0), "d": (0.01717, 121), "e": (0.02903, 119), "s": (0.04111, 122)}
# Outputs of the layer, the rest of its weights' shape, how many scales, and the value that it reads.
LAYERS = {"first": ((6, 3, 3, 3), 6, "x"), "depthwise": ((6, 1, 3, 3), 1, "a"), "pointwise": ((6, 6, 1, 1), 6, "d")}


def constant(name, value, kind):
    return numpy_helper.from_array(np.asarray(value, kind), name)


def node(operator, inputs, output, domain="", **attributes):
    return helper.make_node(operator, inputs.split(), [output], name=output, domain=domain, **attributes)


def parameters():
    for name, (scale, zero) in GRIDS.items():
        yield constant(f"{name}_scale", scale, np.float32)
        yield constant(f"{name}_zero", zero, np.uint8)
    layers = dict(LAYERS, dense=((72, 4), 4, "s"))
    for name, (shape, count, source) in layers.items():
        scales = random.uniform(0.003, 0.006, count).astype(np.float32) * (np.sqrt(30 / np.prod(shape[1:])) if len(shape) == 4 else 0.4)
        units = scales.astype(np.float32) * np.float32(GRIDS[source][0])
        outputs = shape[1] if name == "dense" else shape[0]
        biases = random.integers(-3000, 3000, outputs)
        shape_of_scales = [count] if count > 1 else []
        yield constant(f"{name}_weight", random.integers(-127, 128, shape), np.int8)
        yield constant(f"{name}_scale", scales.reshape(shape_of_scales), np.float32)
        yield constant(f"{name}_zero", np.zeros(shape_of_scales), np.int8)
        yield constant(f"{name}_bias", biases, np.int32)
        yield constant(f"{name}_unit", units.reshape(shape_of_scales), np.float32)


def around(name, value):
    """Quantises `value` and makes it real again, as `name`_real."""
    return [node("QuantizeLinear", f"{value} {name}_scale {name}_zero", f"{name}_whole"),
            node("DequantizeLinear", f"{name}_whole {name}_scale {name}_zero", f"{name}_real")]


def real(name, axis=0):
    return [node("DequantizeLinear", f"{name}_weight {name}_scale {name}_zero", f"{name}_weight_real", axis=axis),
            node("DequantizeLinear", f"{name}_bias {name}_unit", f"{name}_bias_real", axis=0)]


def convolution(name, source, **attributes):
    return real(name) + [node("Conv", f"{source}_real {name}_weight_real {name}_bias_real", name, **attributes)]


def again(name, grid):
    """The same for a value that lies on a grid already: around operators of integers."""
    return [node("QuantizeLinear", f"{name} {grid}_scale {grid}_zero", f"{name}_whole"),
            node("DequantizeLinear", f"{name}_whole {grid}_scale {grid}_zero", f"{name}_real")]


def qdq():
    return [*around("x", "x"), *convolution("first", "x", pads=[1, 1, 1, 1]), node("Relu", "first", "relu"), *around("a", "relu"),
            node("MaxPool", "a_real", "pool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 0, 0]), *again("pool", "a"),
            *convolution("depthwise", "pool", group=6, pads=[1, 1, 1, 1]), *around("d", "depthwise"),
            *convolution("pointwise", "d"), *around("e", "pointwise"), node("Add", "d_real e_real", "sum"), *around("s", "sum"),
            node("Flatten", "s_real", "flat"), *again("flat", "s"), *real("dense", axis=1),
            node("Gemm", "flat_real dense_weight_real dense_bias_real", "y")]


def integer_convolution(name, source, grid, output, target, **attributes):
    return node("QLinearConv", f"{source} {grid}_scale {grid}_zero {name}_weight {name}_scale {name}_zero {target}_scale {target}_zero "
                f"{name}_bias", output, **attributes)


def qoperator():
    # Zero point 0 has the ReLU in it.
    return [node("QuantizeLinear", "x x_scale x_zero", "x_whole"),
            integer_convolution("first", "x_whole", "x", "first", "a", pads=[1, 1, 1, 1]),
            node("MaxPool", "first", "pool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 0, 0]),
            integer_convolution("depthwise", "pool", "a", "depthwise", "d", group=6, pads=[1, 1, 1, 1]),
            integer_convolution("pointwise", "depthwise", "d", "pointwise", "e"),
            node("QLinearAdd", "depthwise d_scale d_zero pointwise e_scale e_zero s_scale s_zero", "sum", domain="com.microsoft"),
            node("Flatten", "sum", "flat"),
            node("QGemm", "flat s_scale s_zero dense_weight dense_scale dense_zero dense_bias", "y", domain="com.microsoft")]


def model(nodes, initializers):
    used = {name for node in nodes for name in node.input}
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ("n", 3, 9, 7))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], [tensor for tensor in initializers if tensor.name in used])
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 13), helper.make_opsetid("com.microsoft", 1)], ir_version=7)


def main():
    initializers = list(parameters())
    x = random.normal(0, 1, (2, 3, 9, 7)).astype(np.float32)
    for name, nodes in [("quantized_qdq", qdq()), ("quantized_qoperator", qoperator())]:
        data = model(nodes, initializers).SerializeToString(deterministic=True)
        (TARGET / f"{name}.onnx").write_bytes(data)
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        np.save(TARGET / f"{name}.x.npy", x)
        np.save(TARGET / f"{name}.y.npy", session.run(None, {"x": x})[0])


main()
