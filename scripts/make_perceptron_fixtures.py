#!/usr/bin/env python3
"""Writes Tests/Fixtures/learning/perceptron.json: what scikit-learn's MLPClassifier trains by Adam. Needs scikit-learn 1.9.

    scripts/make_perceptron_fixtures.py Tests/Fixtures/learning/perceptron.json

In double precision, without dropout, on standardised samples, the minibatches in order. scikit-learn divides the penalty by the
minibatch's size, Martlet by the number of samples: the same where one minibatch is all of them.
"""
import json
import sys
import warnings

import numpy as np
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore")
random = np.random.default_rng(0)
n, features, classes = 150, 6, 3
y = np.concatenate([np.arange(classes), random.integers(0, classes, n - classes)])
x = (np.maximum(0, 1 + random.normal(size=(classes, features))[y] + 1.5 * random.normal(size=(n, features)))
     * np.linspace(0.3, 3, features)).round(3).astype("f")


class GivenStart(MLPClassifier):
    """Starts from weights given, instead of random ones."""
    def _initialize(self, y, layer_units, dtype):
        super()._initialize(y, layer_units, dtype)
        self.coefs_ = [start.astype(dtype) for start in self.start[:2]]
        self.intercepts_ = [start.astype(dtype) for start in self.start[2:]]


def flat(parts):
    w1, w2, b1, b2 = parts
    return np.concatenate([part.ravel() for part in (w1, b1, w2, b2)]).tolist()


def training(units, batch, epochs, l2):
    z = StandardScaler().fit_transform(x.astype("d"))
    start = [(random.normal(size=shape) / 2).round(2) for shape in [(features, units), (units, classes), units, classes]]
    model = GivenStart(units, alpha=l2, batch_size=batch, learning_rate_init=0.01, max_iter=epochs, shuffle=False, tol=0,
                       n_iter_no_change=epochs + 1)
    model.start = start
    model.fit(z, y)
    return {"hiddenUnits": units, "batchSize": batch, "epochs": epochs, "l2": l2, "learningRate": 0.01, "start": flat(start),
            "end": flat(model.coefs_ + model.intercepts_), "loss": float(model.loss_)}


json.dump({
    "features": features, "classes": classes, "x": x.astype("d").ravel().tolist(), "y": y.tolist(),
    "trainings": [training(5, n, 1, 0.0), training(5, n, 1, 30.0), training(40, n, 60, 3.0), training(7, 50, 20, 0.0)],
}, open(sys.argv[1], "w"))
