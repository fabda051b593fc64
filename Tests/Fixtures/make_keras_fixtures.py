"""Makes the Keras models in Tests/Fixtures/keras: python make_keras_fixtures.py

Needs keras 3, tf_keras 2 and tensorflow-cpu (PyPI). Each model comes with an input [N, C, H, W] and what Keras answers,
maps as [N, C, H, W] too. Weights and statistics are random, from one seed.
"""

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import h5py
import keras
import numpy as np
import tf_keras

TARGET = Path(__file__).parent / "keras"
random = np.random.default_rng(1)


def channels_first(array):
    return np.ascontiguousarray(np.moveaxis(array, -1, 1) if array.ndim == 4 else array)


def randomised(model):
    """With weights that no two layers have in common, and variances above 0."""
    weights = []
    for variable in model.weights:
        shape = tuple(variable.shape)
        name = getattr(variable, "path", variable.name)
        if "count" in name:
            weights.append(np.ones(shape, np.int64))
        elif "variance" in name:
            weights.append(random.uniform(0.3, 2, shape).astype(np.float32))
        elif "gamma" in name:
            weights.append(random.uniform(0.5, 1.5, shape).astype(np.float32))
        else:
            scale = 1 / np.sqrt(max(1, np.prod(shape[:-1])))
            weights.append(random.normal(0, scale, shape).astype(np.float32))
    model.set_weights(weights)
    for layer in model.layers:
        # A Normalization computes with copies of its weights.
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()
    return model


def save(name, model, suffixes, scale=1):
    model = randomised(model)
    x = (scale * random.normal(0, 1, (2, *model.input_shape[1:]))).astype(np.float32)
    y = np.asarray(model(x, training=False)).astype(np.float32)
    for suffix in suffixes:
        model.save(TARGET / f"{name}{suffix}")
    np.save(TARGET / f"{name}.x.npy", channels_first(x))
    np.save(TARGET / f"{name}.y.npy", channels_first(y))
    print(name, y.shape, file=sys.stderr)


def slide(k, **first):
    """The lecture's convnet; `first` are the first layer's arguments."""
    l = k.layers
    return [
        l.Rescaling(1 / 255, offset=-0.5, **first), l.Conv2D(4, 3, activation="relu"), l.MaxPooling2D(),
        l.Conv2D(6, 3, padding="same", activation="relu"), l.MaxPooling2D(2, padding="same"), l.Dropout(0.25),
        l.Flatten(), l.Dense(8, activation="relu"), l.Dropout(0.5), l.Dense(5, activation="softmax"),
    ]


def branches(k):
    """Residuals, squeeze and excitation, a layer used twice, networks within the network."""
    l = k.layers
    entry = k.Input((11, 9, 3), name="entry")
    augment = k.Sequential([l.RandomFlip("horizontal"), l.RandomRotation(0.1)], name="augment")
    x = l.Conv2D(6, 3, strides=2, padding="same", use_bias=False, name="stem")(augment(entry))
    x = l.BatchNormalization(name="stem_bn")(x)
    x = l.ReLU(6.0, name="stem_relu")(x)
    squeeze = l.GlobalAveragePooling2D(name="squeeze")(x)
    squeeze = l.Reshape((1, 1, 6), name="expand")(squeeze)
    squeeze = l.Conv2D(6, 1, activation="sigmoid", name="excite")(squeeze)
    scaled = l.Multiply(name="scaled")([x, squeeze])
    shared = l.Conv2D(6, 3, padding="same", name="shared")
    a, b = shared(x), shared(scaled)
    total = l.Add(name="total")([a, b, x])
    joined = l.Concatenate(name="joined")(
        [total, l.Subtract(name="less")([a, b]), l.Average(name="mean")([a, b, scaled]), l.Maximum(name="most")([a, b])])
    inner_input = k.Input((6, 5, 24), name="inner_entry")
    inner = l.Conv2D(4, 2, name="inner_conv")(inner_input)
    inner = l.BatchNormalization(name="inner_bn")(inner)
    inner = l.Add(name="inner_add")([inner, l.Conv2D(4, 1, name="inner_side")(inner)])
    network = k.Model(inner_input, inner, name="inner")
    network.trainable = False
    x = network(joined)
    x = l.Flatten(name="flat")(x)
    return k.Model(entry, l.Dense(4, name="logits")(x), name="branches")


def convolutions(k):
    l = k.layers
    entry = x = k.Input((13, 10, 4))
    x = l.Conv2D(6, (3, 2), strides=(2, 1), padding="same", groups=2)(x)
    x = l.Conv2D(5, 3, dilation_rate=(1, 2), padding="same", activation="tanh")(x)
    x = l.DepthwiseConv2D((3, 4), strides=2, padding="same", depth_multiplier=2, activation="elu")(x)
    x = l.SeparableConv2D(7, 3, padding="same", depth_multiplier=2, activation="relu")(x)
    x = l.Conv2DTranspose(5, 3, strides=2, padding="same")(x)
    x = l.Conv2DTranspose(4, 4, strides=1, padding="same")(x)
    x = l.Conv2DTranspose(4, (2, 5), strides=3, padding="valid", use_bias=False)(x)
    x = l.AveragePooling2D((4, 5))(x)
    x = l.Dense(3)(x)
    return k.Model(entry, x)


def borders(k):
    l = k.layers
    entry = x = k.Input((14, 11, 3))
    x = l.ZeroPadding2D(((1, 0), (2, 3)))(x)
    x = l.MaxPooling2D(3, strides=2, padding="same")(x)
    x = l.UpSampling2D((2, 3))(x)
    x = l.AveragePooling2D((3, 2), strides=2, padding="same")(x)
    x = l.Cropping2D(((1, 0), (2, 1)))(x)
    x = l.Permute((2, 3, 1))(x)
    x = l.AveragePooling2D(2, strides=1)(x)
    x = l.Reshape((2, -1, 14))(x)
    x = l.Concatenate(axis=1)([x, x])
    x = l.Concatenate(axis=2)([x, l.ZeroPadding2D(1)(l.Cropping2D(1)(x))])
    return k.Model(entry, x)


def normalizations(k):
    l = k.layers
    entry = k.Input((6, 5, 3))
    x = l.Normalization(axis=-1)(entry)
    x = l.BatchNormalization(scale=False)(x)
    x = l.BatchNormalization(center=False, epsilon=0.01)(x)
    x = l.PReLU()(x)
    x = l.PReLU(shared_axes=[1, 2])(x)
    x = l.LayerNormalization()(x)
    x = l.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 5.0, 6.0], invert=True)(x)
    most = l.GlobalMaxPooling2D(keepdims=True)(x)
    x = l.Multiply()([x, most])
    x = l.Rescaling([1.0, 2.0, 3.0], offset=[0.1, 0.2, 0.3])(x)
    x = l.Dense(4)(l.GlobalMaxPooling2D()(x))
    x = l.BatchNormalization()(x)
    return k.Model(entry, l.LayerNormalization(epsilon=0.1)(x))


def activations(k, names, layers):
    l = k.layers
    entry = k.Input((5, 4, 2))
    outputs = [l.Activation(name)(entry) for name in names] + [layer(entry) for layer in layers]
    outputs.append(l.Conv2D(2, 1, activation=l.LeakyReLU(0.15))(entry))
    return k.Model(entry, l.Concatenate()(outputs))


def functions(k):
    """Sums and products of tensors and numbers, which Keras 3 keeps as functions."""
    entry = k.Input((4, 3, 2))
    x = keras.layers.Conv2D(2, 1)(entry)
    x = 2.0 * x + entry
    x = x - 0.5
    return k.Model(entry, keras.ops.maximum(x * entry, entry))


def preprocessing(k, inputs, prepare):
    """A network whose user put the preparation of images into it, as the guides to transfer learning do."""
    entry = k.Input(inputs)
    x = k.layers.Conv2D(2, 3, strides=2)(prepare(entry))
    return k.Model(entry, k.layers.Dense(3)(k.layers.Flatten()(x)))


def nested(k):
    """A network that is called twice within another."""
    l = k.layers
    inner = k.Sequential([k.Input((4, 3, 2)), l.Conv2D(2, 1, activation="tanh", name="mixed")], name="inner")
    entry = k.Input((4, 3, 2))
    return k.Model(entry, l.GlobalAveragePooling2D()(inner(inner(entry))))


def arithmetic(x):
    """With a constant on either side, of a number or of one a channel."""
    x = 1 - x / np.array([[127.5, 120.0, 130.0]], np.float32)
    x = keras.ops.divide(3.0, x + np.array([8, 9, 10]))
    return x / (x * x + 0.5)


def split(name):
    """Lists of three and more weights in parts of two, as Keras splits those of more than 64 KB."""
    path = TARGET / f"{name}.h5"
    before = keras.models.load_model(path)
    with h5py.File(path, "a") as file:
        for group in file["model_weights"].values():
            names = group.attrs.get("weight_names", [])
            if len(names) > 2:
                del group.attrs["weight_names"]
                for part in range(0, len(names), 2):
                    group.attrs[f"weight_names{part // 2}"] = names[part:part + 2]
    # As Keras reads them.
    after = keras.models.load_model(path)
    for a, b in zip(before.get_weights(), after.get_weights(), strict=True):
        assert np.array_equal(a, b)


def main():
    TARGET.mkdir(exist_ok=True)
    for old in TARGET.glob("*"):
        old.unlink()
    common = ["linear", "relu", "elu", "selu", "gelu", "sigmoid", "hard_sigmoid", "tanh", "swish", "mish", "softplus",
              "softsign", "exponential", "softmax"]
    recent = ["relu6", "leaky_relu", "silu", "hard_silu", "hard_swish", "log_softmax"]

    def layers(l, slope):
        return [l.ReLU(), l.ReLU(max_value=0.5), l.ReLU(max_value=0.5, negative_slope=0.1), l.ReLU(negative_slope=0.2),
                l.LeakyReLU(), l.LeakyReLU(slope), l.ELU(0.7), l.Softmax(), l.Softmax(axis=1), l.Softmax(axis=2)]

    save("slide", keras.Sequential([keras.Input((16, 12, 3)), *slide(keras)]), [".keras", ".h5"], scale=100)
    save("slide_tf2", tf_keras.Sequential(slide(tf_keras, input_shape=(16, 12, 3))), [".h5"], scale=100)
    save("branches", branches(keras), [".keras", ".h5"])
    save("branches_tf2", branches(tf_keras), [".h5"])
    save("convolutions", convolutions(keras), [".keras"])
    save("borders", borders(keras), [".keras"])
    save("normalizations", normalizations(keras), [".keras"])
    save("normalizations_tf2", normalizations(tf_keras), [".h5"])
    save("activations", activations(keras, common + recent, layers(keras.layers, 0.1)), [".keras"])
    save("activations_tf2", activations(tf_keras, common, layers(tf_keras.layers, 0.1)), [".h5"])
    save("functions", functions(keras), [".keras"])
    for policy in ["float16", "bfloat16"]:
        keras.config.set_dtype_policy(policy)
        half = keras.Sequential([keras.Input((4, 3, 2)), keras.layers.Conv2D(3, 2), keras.layers.Flatten(),
                                 keras.layers.Dense(4)])
        half = randomised(half)
        half.save(TARGET / f"{policy}.keras")
        # The same weights, computed in float32: what a reader that widens them answers.
        keras.config.set_dtype_policy("float32")
        full = keras.Sequential([keras.Input((4, 3, 2)), keras.layers.Conv2D(3, 2), keras.layers.Flatten(),
                                 keras.layers.Dense(4)])
        full.set_weights([np.asarray(keras.ops.cast(w, "float32")) for w in half.weights])
        x = random.normal(0, 1, (2, 4, 3, 2)).astype(np.float32)
        np.save(TARGET / f"{policy}.x.npy", channels_first(x))
        np.save(TARGET / f"{policy}.y.npy", np.asarray(full(x)))

    apps = keras.applications
    for name, prepare in [("arithmetic", arithmetic), ("prepared_tf", apps.mobilenet_v2.preprocess_input),
                          ("prepared_torch", apps.densenet.preprocess_input),
                          ("prepared_caffe", apps.vgg16.preprocess_input)]:
        save(name, preprocessing(keras, (5, 4, 3), prepare), [".keras"], scale=100)
    l = keras.layers
    save("split", keras.Sequential([keras.Input((4, 3, 2)), l.Conv2D(2, 2, name="convolution"),
                                    l.BatchNormalization(name="normalization"), l.Flatten(), l.Dense(2)]), [".h5"])
    split("split")
    save("nested", nested(keras), [".keras", ".h5"])
    # With the constant first.
    for name, prepare in [("prepared_product", lambda x: (1 / 127.5) * x - 1),
                          ("prepared_difference", lambda x: (127.5 - x) / 127.5)]:
        save(name, preprocessing(keras, (5, 4, 3), prepare), [".keras"], scale=100)

    # What is refused, each for one reason that KerasReaderTests.swift names.
    inputs = keras.Input((4, 3, 2))

    @keras.saving.register_keras_serializable(package="Zoo")
    class Swan(keras.layers.Layer):
        def call(self, x):
            return x

    @keras.saving.register_keras_serializable(package="Zoo")
    def neck(x):
        return x * 2

    flat = keras.layers.Flatten()(inputs)
    bad = {
        "custom_layer": Swan(name="bird")(flat),
        "custom_activation": keras.layers.Activation(neck, name="bent")(flat),
        "lambda": keras.layers.Lambda(lambda x: x * 2, name="secret")(flat),
        "unknown_layer": keras.layers.UnitNormalization(name="unit")(flat),
    }
    for name, output in bad.items():
        keras.Model(inputs, output).save(TARGET / f"bad_{name}.keras")
    x = keras.layers.Dense(2)(flat)
    keras.Model(inputs, [x, flat]).save(TARGET / "bad_two_outputs.keras")
    pixels = keras.Input((4, 3, 2), dtype="uint8")
    keras.Model(pixels, keras.layers.Flatten()(pixels - 128)).save(TARGET / "bad_integers.keras")
    keras.Sequential([inputs, keras.layers.Flatten(), keras.layers.Dense(2)]).save_weights(TARGET / "bad_only.weights.h5")
    tiny = keras.Sequential([inputs, keras.layers.Flatten(name="flat"), keras.layers.Dense(2, name="dense")])
    tiny.save(TARGET / "tiny.h5")
    tiny.save(TARGET / "tiny.keras")
    for name in ["compressed", "external_link", "external_data", "missing"]:
        path = TARGET / f"bad_{name}.h5"
        path.write_bytes((TARGET / "tiny.h5").read_bytes())
        with h5py.File(path, "a") as file:
            group = file["model_weights/dense/sequential"] if "model_weights/dense/sequential" in file else None
            if group is None:
                group = file["model_weights/dense"]
            while "kernel" not in group:
                group = group[next(iter(group))]
            data = group["kernel"][()]
            del group["kernel"]
            if name == "compressed":
                group.create_dataset("kernel", data=data, compression="gzip")
            elif name == "external_link":
                group["kernel"] = h5py.ExternalLink("/etc/passwd", "/kernel")
            elif name == "external_data":
                group.create_dataset("kernel", shape=data.shape, dtype=data.dtype, external=[("/etc/passwd", 0, 192)])


main()
