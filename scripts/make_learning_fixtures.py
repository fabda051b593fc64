#!/usr/bin/env python3
"""Writes Tests/Fixtures/learning/scikit_learn.json: what scikit-learn makes of small data sets. Needs scikit-learn 1.9.

    scripts/make_learning_fixtures.py Tests/Fixtures/learning/scikit_learn.json
"""
import json
import sys

import numpy as np
from sklearn.covariance import LedoitWolf
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (balanced_accuracy_score, confusion_matrix, log_loss, precision_recall_fscore_support,
                             roc_auc_score)
from sklearn.preprocessing import StandardScaler

random = np.random.default_rng(0)


def samples(n, d, k):
    y = np.concatenate([np.arange(k), random.choice(k, n - k, p=np.arange(k, 0, -1) / np.arange(1, k + 1).sum())])
    centres = random.normal(size=(k, d))
    x = np.maximum(0, 1 + centres[y] + 1.5 * random.normal(size=(n, d))) * np.linspace(0.3, 3, d)
    return x.round(3).astype("f").astype("d"), y


def fit(x, y, c, weights=None, standardise=False):
    scaler = StandardScaler(with_mean=standardise, with_std=standardise).fit(x)
    z = scaler.transform(x)
    model = LogisticRegression(C=c, class_weight=weights, tol=1e-12, max_iter=100000).fit(z, y)
    scale = scaler.scale_ if standardise else np.ones(x.shape[1])
    mean = scaler.mean_ if standardise else np.zeros(x.shape[1])
    counts = np.bincount(y)
    each = (len(y) / (len(counts) * counts))[y] if weights == "balanced" else np.ones(len(y))
    loss = -np.log(model.predict_proba(z)[np.arange(len(y)), y])
    coefficients = model.coef_ / scale
    return {
        "c": c, "balanced": weights == "balanced", "standardises": standardise,
        "weights": coefficients.ravel().tolist(), "biases": (model.intercept_ - coefficients @ mean).tolist(),
        "objective": float((each * loss).sum() + (model.coef_ ** 2).sum() / (2 * c)),
        "probabilities": model.predict_proba(z).ravel().tolist(),
    }


x, y = samples(150, 6, 3)
binary_x, binary_y = samples(80, 4, 2)
probabilities = LogisticRegression().fit(x[:60], y[:60]).predict_proba(x)
predicted = probabilities.argmax(1)
precision, recall, f1, _ = precision_recall_fscore_support(y, predicted)
json.dump({
    "multinomial": {
        "features": 6, "classes": 3, "x": x.ravel().tolist(), "y": y.tolist(),
        "fits": [fit(x, y, 1.0), fit(x, y, 0.05, "balanced"), fit(x, y, 0.3, None, True)],
    },
    "binary": {
        "features": 4, "classes": 2, "x": binary_x.ravel().tolist(), "y": binary_y.tolist(),
        "fits": [fit(binary_x, binary_y, 0.5)],
    },
    "metrics": {
        "probabilities": probabilities.ravel().tolist(),
        "accuracy": float((predicted == y).mean()), "balancedAccuracy": balanced_accuracy_score(y, predicted),
        "precision": precision.tolist(), "recall": recall.tolist(), "f1": f1.tolist(),
        "confusion": confusion_matrix(y, predicted).tolist(), "logLoss": log_loss(y, probabilities),
        "areasUnderROC": [roc_auc_score(y == c, probabilities[:, c]) for c in range(3)],
    },
    "shrinkage": float(LedoitWolf(assume_centered=True).fit(
        x - np.stack([x[y == c].mean(0) for c in range(3)])[y]).shrinkage_),
}, open(sys.argv[1], "w"))
