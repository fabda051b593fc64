"""Makes the model files in Tests/Fixtures/models: python make_model_fixtures.py

Needs numpy, onnx, onnxruntime and safetensors (PyPI). Good ONNX models come with an input and ONNX Runtime's output;
bad ones are what ModelFormatsTests/ONNXReaderTests.swift names. Running it again gives the same bytes.
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import safetensors.numpy
from onnx import TensorProto, helper, numpy_helper

TARGET = Path(__file__).parent / "models"
random = np.random.default_rng(1)


def weights(name, *shape):
    return numpy_helper.from_array(random.normal(0, 0.5, shape).astype(np.float32), name)


def integers(name, *values):
    return numpy_helper.from_array(np.array(values, np.int64), name)


def model(nodes, initializers, shape=("n", 3, 9, 7), output="y", inputs=None, opset=13):
    inputs = inputs or [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)]
    outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)]
    graph = helper.make_graph(nodes, "g", inputs, outputs, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=7)


def node(operator, inputs, output, **attributes):
    return helper.make_node(operator, inputs.split(), [output], name=f"{operator}_{output}", **attributes)


def good_models():
    yield "convolution_strides_pads_bias", model(
        [node("Conv", "x w b", "y", strides=[2, 1], pads=[1, 0, 2, 1])], [weights("w", 5, 3, 3, 2), weights("b", 5)])
    yield "convolution_dilation", model([node("Conv", "x w", "y", dilations=[2, 3])], [weights("w", 4, 3, 3, 2)])
    for auto in ["SAME_UPPER", "SAME_LOWER", "VALID"]:
        yield f"convolution_{auto.lower()}", model(
            [node("Conv", "x w", "y", auto_pad=auto, strides=[2, 2])], [weights("w", 4, 3, 4, 4)])
    yield "convolution_depthwise", model(
        [node("Conv", "x w b", "y", group=3, pads=[1, 1, 1, 1])], [weights("w", 3, 1, 3, 3), weights("b", 3)])
    yield "batch_normalization_alone", model(
        [node("BatchNormalization", "x s b m v", "y", epsilon=0.01)],
        [weights("s", 3), weights("b", 3), weights("m", 3), numpy_helper.from_array(np.float32([0.5, 2, 1]), "v")])
    yield "batch_normalization_after_convolution", model(
        [node("Conv", "x w", "c"), node("BatchNormalization", "c s b m v", "n"), node("Relu", "n", "y")],
        [weights("w", 3, 3, 2, 2), weights("s", 3), weights("b", 3), weights("m", 3),
         numpy_helper.from_array(np.float32([0.5, 2, 1]), "v")])
    yield "clip_of_constants", model(
        [helper.make_node("Constant", [], ["low"], value=numpy_helper.from_array(np.float32(-0.25))),
         helper.make_node("Constant", [], ["high"], value=numpy_helper.from_array(np.float32(0.5))), node("Clip", "x low high", "y")], [])
    yield "clip_without_minimum", model([helper.make_node("Clip", ["x", "", "high"], ["y"], name="clip")],
                                        [numpy_helper.from_array(np.float32(0.5), "high")])
    yield "max_pool_pads", model(
        [node("MaxPool", "x", "y", kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1])], [])
    yield "average_pool_excludes_padding", model(
        [node("AveragePool", "x", "y", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])], [])
    yield "average_pool_includes_padding", model(
        [node("AveragePool", "x", "y", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1)], [])
    yield "pad_before_max_pool", model(
        [node("Pad", "x p", "q"), node("MaxPool", "q", "y", kernel_shape=[3, 3], strides=[2, 2])],
        [integers("p", 0, 0, 1, 1, 0, 0, 2, 0)])
    yield "pad_before_convolution", model(
        [node("Pad", "x p", "q"), node("Conv", "q w", "y")], [integers("p", 0, 0, 0, 1, 0, 0, 1, 2), weights("w", 4, 3, 3, 3)])
    yield "flatten_gemm_softmax", model(
        [node("Flatten", "x", "f"), node("Gemm", "f w b", "g", transB=1), node("Softmax", "g", "y", axis=-1)],
        [weights("w", 6, 189), weights("b", 6)])
    yield "gemm_scaled_not_transposed", model(
        [node("GlobalAveragePool", "x", "p"), node("Flatten", "p", "f"), node("Gemm", "f w b", "y", alpha=0.5, beta=2.0)],
        [weights("w", 3, 4), weights("b", 4)])
    yield "residual_with_identity_and_dropout", model(
        [node("Conv", "x w", "c", pads=[1, 1, 1, 1]), node("Identity", "x", "i"), node("Add", "i c", "a"),
         node("Dropout", "a", "d"), node("Relu", "d", "y")], [weights("w", 3, 3, 3, 3)])
    yield "reshape_by_shape_arithmetic", model(
        [node("GlobalAveragePool", "x", "p"), node("Shape", "x", "s"), node("Gather", "s zero", "n", axis=0),
         node("Unsqueeze", "n axes", "u"), node("Concat", "u rest", "t", axis=0), node("Reshape", "p t", "r"),
         node("Gemm", "r w", "y", transB=1)],
        [integers("axes", 0), integers("rest", 3), weights("w", 2, 3),
         numpy_helper.from_array(np.array(0, np.int64), "zero")])
    described = model(
        [helper.make_node("Resize", ["x", "", "scales"], ["r"], mode="linear"), node("Pad", "r p zero axes", "q"),
         node("Conv", "q w", "c"), node("GlobalAveragePool", "c", "g"), node("Flatten", "g", "y")],
        [numpy_helper.from_array(np.float32([1, 1, 1.5, 2]), "scales"), integers("p", 1, 0, 0, 2),
         numpy_helper.from_array(np.float32(0.5), "zero"), integers("axes", -1, 2), weights("w", 2, 3, 3, 3)], opset=18)
    helper.set_model_props(described, {"martlet": json.dumps({
        "name": "described", "version": "1", "weights_sha256": "0" * 64, "labels": ["cat", "dog"],
        "preprocessing": {"resize": "center_crop", "crop_fraction": 1, "interpolation": "bilinear",
                          "color_order": "RGB", "units": "0-255", "mean": [0] * 3, "standard_deviation": [1] * 3}})})
    yield "resize_and_pad_axes_with_metadata", described


def bad_models():
    w = weights("w", 4, 3, 3, 3)
    yield "unknown_operator", model([node("Conv", "x w", "c"), node("GridSample", "c c", "y")], [w])
    yield "cycle", model([node("Add", "x b", "a"), node("Relu", "a", "b"), node("Relu", "b", "y")], [])
    yield "missing_weights", model([node("Conv", "x nowhere", "y")], [])
    short = weights("w", 4, 3, 3, 3)
    short.raw_data = short.raw_data[:-4]
    yield "short_weights", model([node("Conv", "x w", "y")], [short])
    huge = weights("w", 1)
    del huge.dims[:]
    huge.dims.extend([1 << 40, 1 << 40])
    yield "huge_weights", model([node("Conv", "x w", "y")], [huge])
    outside = weights("w", 4, 3, 3, 3)
    outside.ClearField("raw_data")
    outside.data_location = TensorProto.EXTERNAL
    outside.external_data.add(key="location", value="../../etc/passwd")
    yield "external_weights", model([node("Conv", "x w", "y")], [outside])
    yield "wrong_channels", model([node("Conv", "x w", "y")], [weights("w", 4, 5, 3, 3)])
    yield "two_inputs", model([node("Add", "x z", "y")], [], inputs=[
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3, 9, 7]) for name in "xz"])
    yield "unknown_extent", model([node("Relu", "x", "y")], [], shape=("n", 3, "height", "width"))


def later_models(random):
    """Models that came later, of numbers of their own: those before stay as they are."""
    yield "max_pool_ceil_dilated", model(
        [node("MaxPool", "x", "y", kernel_shape=[2, 2], strides=[3, 2], dilations=[2, 3], pads=[1, 0, 1, 1], ceil_mode=1)], [])

    dilated = model(
        [node("AveragePool", "x", "y", kernel_shape=[2, 2], strides=[3, 2], dilations=[2, 3], pads=[1, 0, 1, 1], ceil_mode=1)],
        [], opset=19)
    dilated.ir_version = 9
    yield "average_pool_ceil_dilated", dilated

    def number(name, value, kind=np.float32):
        return numpy_helper.from_array(np.array(value, kind), name)

    def runtime(operator, inputs, output, **attributes):
        return helper.make_node(
            operator, inputs.split(), [output], name=f"{operator}_{output}", domain="com.microsoft", **attributes)

    # Scales of which no product is another's multiple: halves would be rounded as the last bit has it.
    quantization = [
        number("s", 0.02137), number("z", 128, np.uint8), number("t", 0.01319), number("u", 101, np.uint8),
        number("v", 0.00391), number("o", 0, np.uint8), number("k", 0.01571)]

    def quantized(nodes, scale, zero, initializers=()):
        nodes = [node("QuantizeLinear", "x s z", "q"), *nodes, node("DequantizeLinear", f"r {scale} {zero}", "y")]
        used = {name for node in nodes for name in node.input}
        graph = model(nodes, [tensor for tensor in quantization if tensor.name in used] + list(initializers))
        graph.opset_import.append(helper.make_opsetid("com.microsoft", 1))
        return graph

    yield "quantized_functions", quantized([
        runtime("QLinearLeakyRelu", "q s z t u", "l", alpha=0.3), runtime("QLinearSigmoid", "q s z v o", "g"),
        runtime("QLinearMul", "l t u g v o k u", "m"), runtime("QLinearAdd", "m k u q s z s z", "a"),
        runtime("QLinearConcat", "t u m k u a s z g v o", "r", axis=1)], "t", "u")
    pool = dict(kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1])
    yield "quantized_pools", quantized([
        runtime("QLinearAveragePool", "q s z t u", "a", **pool),
        runtime("QLinearAveragePool", "q s z t u", "b", count_include_pad=1, **pool),
        runtime("QLinearConcat", "t u a t u b t u", "c", axis=1),
        runtime("QLinearGlobalAveragePool", "c t u v u", "r")], "v", "u")
    columns = [
        numpy_helper.from_array(random.integers(-90, 90, (4, 189)).astype(np.int8), "w"),
        number("ws", [0.01, 0.02, 0.005, 0.015]), number("wz", [0, 0, 0, 0], np.int8),
        number("b", [9000, -5000, 70, 123], np.int32), number("ys", 0.9), number("yz", 120, np.uint8)]
    yield "quantized_gemm", quantized(
        [node("Flatten", "q", "f"), runtime("QGemm", "f s z w ws wz b ys yz", "r", transB=1, alpha=0.5)], "ys", "yz", columns)
    yield "bad_runtime_operator", quantized([runtime("FusedConv", "q s", "r")], "s", "z")


def write_onnx():
    for name, good in good_models():
        data = good.SerializeToString(deterministic=True)
        (TARGET / f"{name}.onnx").write_bytes(data)
        x = random.normal(0, 1, (2, 3, 9, 7)).astype(np.float32)
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        np.save(TARGET / f"{name}.x.npy", x)
        np.save(TARGET / f"{name}.y.npy", session.run(None, {"x": x})[0])
    own = np.random.default_rng(2)
    for name, later in later_models(own):
        data = later.SerializeToString(deterministic=True)
        (TARGET / f"{name}.onnx").write_bytes(data)
        if name.startswith("bad_"):
            continue
        x = own.normal(0, 1, (2, 3, 9, 7)).astype(np.float32)
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        np.save(TARGET / f"{name}.x.npy", x)
        np.save(TARGET / f"{name}.y.npy", session.run(None, {"x": x})[0])
    for name, bad in bad_models():
        (TARGET / f"bad_{name}.onnx").write_bytes(bad.SerializeToString(deterministic=True))


def write_arrays():
    array = np.arange(-3, 9, dtype=np.float32).reshape(3, 2, 2) / 7
    np.save(TARGET / "array.npy", array)
    np.save(TARGET / "array_scalar.npy", np.float32(1.5))
    with open(TARGET / "array_version2.npy", "wb") as file:
        np.lib.format.write_array(file, array, version=(2, 0))
    np.save(TARGET / "bad_double.npy", array.astype(np.float64))
    np.save(TARGET / "bad_big_endian.npy", array.astype(">f4"))
    np.save(TARGET / "bad_column_major.npy", np.asfortranarray(array))
    tensors = {"second": array[0], "first": array, "empty": np.zeros((0, 4), np.float32)}
    (TARGET / "tensors.safetensors").write_bytes(safetensors.numpy.save(tensors))
    (TARGET / "bad_half.safetensors").write_bytes(safetensors.numpy.save({"h": np.zeros(4, np.float16)}))


TARGET.mkdir(exist_ok=True)
write_onnx()
write_arrays()
