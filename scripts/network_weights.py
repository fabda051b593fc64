"""Weights that follow from a rule, the same here and in Tests/NetworkTests/Support/RuleWeights.swift: no file holds them."""

import numpy as np

TABLE = 4093


def table():
    """Numbers in -1 ... 1 from Knuth's 64-bit linear congruential generator, seed 1."""
    state, values = 1, np.empty(TABLE, np.float32)
    for index in range(TABLE):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        values[index] = np.float32((state >> 40) / 2**23 - 1)
    return values


NUMBERS = table()


def start(name):
    """The 32-bit FNV-1a hash of the name, within the table."""
    result = 2166136261
    for byte in name.encode():
        result = (result ^ byte) * 16777619 % 2**32
    return result % TABLE


def tensor(name, shape):
    """The table from `start(name)` on, over and over, scaled by what the tensor is."""
    count = int(np.prod(shape))
    values = np.resize(np.roll(NUMBERS, -start(name)), count)
    kind = name.split(".")[-1]
    if kind == "running_var":
        values = 1 + np.float32(0.5) * values
    elif kind in ("gamma", "layer_scale"):
        values = 1 + np.float32(0.25) * values
    elif kind == "weight" and len(shape) == 1:
        values = 1 + np.float32(0.25) * values
    elif kind == "weight":
        # He's initialisation: uniform of variance 2 / fan-in.
        values = values * np.float32(np.sqrt(np.float32(6) / np.float32(count // shape[0])))
    else:
        values = np.float32(0.1) * values
    return values.reshape(shape).astype(np.float32)


def fill(network):
    """Gives a PyTorch network its weights by the names in its state dict; returns it, ready to answer."""
    import torch

    state = network.state_dict()
    for name, value in state.items():
        if value.dtype == torch.float32:
            state[name] = torch.from_numpy(tensor(name, tuple(value.shape)).copy())
    network.load_state_dict(state)
    return network.eval()


def image(shape):
    """The input: the table over and over."""
    return np.resize(NUMBERS, int(np.prod(shape))).reshape(shape)
