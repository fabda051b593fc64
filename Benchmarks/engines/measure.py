"""Measures a network in another engine: python measure.py ENGINE PRECISION FILE THREADS BATCH SECONDS

Prints JSON: the median time of a run in milliseconds an image, and the engine's version. Inputs and outputs lie in memory that
belongs to the engine: of all ways to call either from Python that is the fastest.
"""
import json
import statistics
import sys
import time

import numpy as np


def onnxruntime(path, precision, threads, batch):
    """A run, and the version. The precision is the file's."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3  # errors
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    entry, binding = session.get_inputs()[0], session.io_binding()
    binding.bind_ortvalue_input(entry.name, onnxruntime.OrtValue.ortvalue_from_numpy(images(batch, entry.shape[1:])))
    binding.bind_output(session.get_outputs()[0].name, "cpu")
    return lambda: session.run_with_iobinding(binding), onnxruntime.__version__


def openvino(path, precision, threads, batch):
    """A run, and the version. What a quantised file leaves in float is computed in float32."""
    import openvino

    core = openvino.Core()
    model = core.read_model(path)
    shape = [batch, *(dimension.get_length() for dimension in list(model.input(0).partial_shape)[1:])]
    model.reshape(shape)
    compiled = core.compile_model(model, "CPU", {
        "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32"})
    request = compiled.create_infer_request()
    request.get_input_tensor().data[:] = images(batch, shape[1:])
    return lambda: request.infer(share_outputs=True), openvino.__version__.split("-")[0]


def images(batch, shape):
    return np.random.default_rng(7).random((batch, *shape), dtype=np.float32)


def median_seconds(run, seconds):
    """After two runs, and a fifth of the time, to warm up; of three runs at least."""
    run()
    until(seconds / 5, run, least=1)
    return statistics.median(until(seconds, run, least=3))


def until(seconds, run, least):
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < least:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return times


def main():
    engine, precision, path, threads, batch, seconds = sys.argv[1:]
    make = {"onnxruntime": onnxruntime, "openvino": openvino}[engine]
    run, version = make(path, precision, int(threads), int(batch))
    print(json.dumps({"ms_per_image": 1000 * median_seconds(run, float(seconds)) / int(batch), "version": version}))


main()
