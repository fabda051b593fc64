"""What a sitting found, as Markdown."""
import statistics
from dataclasses import dataclass, field

TITLES = {"slide": "slide convnet, 28×28×3", "mobilenet_v2": "MobileNetV2", "efflite0": "EfficientNet-Lite0",
          "resnet18": "ResNet-18", "resnet50": "ResNet-50", "vgg16": "VGG-16"}
ENGINES = {"onnxruntime": "ONNX Runtime", "openvino": "OpenVINO", "martlet": "Martlet"}
PRECISIONS = {"f32": "float32", "bf16": "bfloat16", "int8": "int8"}

# How many times as fast as the better of the others Martlet has to be.
BARS = {
    "f32": {"vgg16": 2.3, "resnet18": 1.5, "resnet50": 1.2, "mobilenet_v2": 1.4, "efflite0": 1.4, "slide": 1.4},
    "bf16": {"vgg16": 1.3, "resnet18": 1.1, "resnet50": 1.05, "mobilenet_v2": 1.3, "efflite0": 1.3},
    "int8": {"resnet50": 1.05, "mobilenet_v2": 1.4, "efflite0": 1.4},
}
PEAK_SHARE = 0.88  # of the peak of multiply-adds, which no layer on one core should miss


@dataclass
class Turns:
    """A network on so many threads with so many images at a time: what each engine answered, one answer a round."""
    network: str
    threads: int
    batch: int
    answers: dict = field(default_factory=dict)  # (engine, precision): [answer]

    def milliseconds(self, engine, precision):
        return [answer["ms_per_image"] for answer in self.answers.get((engine, precision), [])]

    def ratios(self, precision):
        """The times of the faster of the others by Martlet's, round by round; none where Martlet or they do not compute so."""
        others = [times for engine in ENGINES if engine != "martlet" and (times := self.milliseconds(engine, precision))]
        ours = self.milliseconds("martlet", precision)
        return [their / our for their, our in zip(min(others, key=statistics.median, default=[]), ours)]

    def giga_operations(self):
        """Of an image, in the network as it is written: two for each multiply-add."""
        answers = self.answers["martlet", "f32"]
        return statistics.median(answer["gflops"] * answer["ms_per_image"] / 1000 for answer in answers)

    def row(self, precision, is_first):
        cells = [TITLES[self.network] if is_first else "", f"{self.threads}, {self.batch}"]
        for engine in engines(precision):
            times = self.milliseconds(engine, precision)
            middle = statistics.median(times) if times else None
            cells.append(f"{number(middle)} ({1000 * self.giga_operations() / middle:.0f})" if times else "")
        bar, ratios = BARS[precision].get(self.network), self.ratios(precision)
        if not ratios:
            return cells + ["", f"≥ {bar}" if bar else "", ""]
        ratio = statistics.median(ratios)
        verdict = "" if not bar else "holds" if ratio >= bar else "**missed**"
        return cells + [f"**{ratio:.2f}** ({min(ratios):.2f} to {max(ratios):.2f})", f"≥ {bar}" if bar else "", verdict]


def engines(precision):
    """ONNX Runtime has no bfloat16 on x86."""
    return [engine for engine in ENGINES if (engine, precision) != ("onnxruntime", "bf16")]


def number(milliseconds):
    digits = 3 if milliseconds < 1 else 2 if milliseconds < 10 else 1
    return f"{milliseconds:.{digits}f}"


def table(header, aligned, rows):
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [header, aligned, *rows])


def comparison(precision, sitting):
    measured = [turns for turns in sitting if any(turns.milliseconds(engine, precision) for engine in engines(precision))]
    rows = [turns.row(precision, is_first=index == 0 or measured[index - 1].network != turns.network)
            for index, turns in enumerate(measured)]
    names = [ENGINES[engine] for engine in engines(precision)]
    header, aligned = ["", "threads, batch", *names, "ratio", "must hold", ""], ["---", "---", *["---:"] * (len(names) + 1), "---", "---"]
    return f"## {PRECISIONS[precision]}\n\n{table(header, aligned, rows)}"


def slow_layers(turns):
    """The layers below the share of the peak, those that take longest first; for one thread and one image."""
    rounds, rows, total = turns.answers["martlet", "f32"], [], 0
    for layers in zip(*(answer["layers"] for answer in rounds)):
        time, first = statistics.median(layer["ms"] for layer in layers), layers[0]
        total += time
        shares = [layer["gflops"] / answer["peak_gflops_per_core"] for layer, answer in zip(layers, rounds)]
        if 0 < (share := statistics.median(shares)) < PEAK_SHARE:
            rows.append((time, share, [first["name"], first["operation"], first["kernel"]]))
    title = f"## {TITLES[turns.network]}, float32, one core: layers below {100 * PEAK_SHARE:.0f} % of the peak\n\n"
    if not rows:
        return title + "None."
    rows = [[*cells, f"{time:.3f}", f"{100 * time / total:.1f} %", f"{100 * share:.0f} %"]
            for time, share, cells in sorted(rows, reverse=True)]
    header = ["layer", "operation", "kernel", "ms", "of the network", "of the peak"]
    return title + table(header, ["---", "---", "---", "---:", "---:", "---:"], rows)


def page(facts, sitting, precisions, layers_of):
    """`facts`: what was measured with what, in rows of two."""
    parts = [
        "# Martlet beside ONNX Runtime and OpenVINO",
        "Written by `make bench` ([how](README.md)). Milliseconds an image, the median of the rounds; in brackets GFLOP/s of the\n"
        "network as it is written, two operations for each multiply-add. The ratio is the time of the faster of the others by\n"
        "Martlet's, round by round: its median, least and greatest.",
        table(["", ""], ["---", "---"], facts),
        *(comparison(precision, sitting) for precision in precisions),
        *(slow_layers(turns) for turns in sitting if (turns.threads, turns.batch) == (1, 1) and turns.network in layers_of),
    ]
    return "\n\n".join(parts) + "\n"
