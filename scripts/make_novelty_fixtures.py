#!/usr/bin/env python3
"""Writes Tests/Fixtures/learning/novelty.json: open-set distances, eigenvectors and areas under the ROC by NumPy and
scikit-learn. Needs scikit-learn 1.9.

    scripts/make_novelty_fixtures.py Tests/Fixtures/learning/novelty.json
"""
import json
import sys

import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import normalize

random = np.random.default_rng(4)


def float32(values):
    """Numbers of three decimals, as Swift reads them."""
    return np.round(values, 3).astype("f").astype("d")


def numbers(values):
    return [float(f"{value:.9g}") for value in np.ravel(values)]


def decimals(values):
    return np.round(values, 3).ravel().tolist()


def mahalanobis(x, y, classes, others):
    """By the whole covariance matrix, made of the leading eigenvectors and the others' mean variance."""
    n, d = x.shape
    means = np.stack([x[y == c].mean(0) for c in range(classes)])
    residuals = x - means[y]
    covariance = residuals.T @ residuals / (n - classes)
    values, vectors = np.linalg.eigh(covariance)
    kept = min(32, (n - classes) // 8, d - 1)
    rest = values[:d - kept].mean()
    values[:d - kept] = rest
    inverse = np.linalg.inv(vectors @ np.diag(np.maximum(values, rest)) @ vectors.T)
    differences = others[:, None] - means[None]
    return np.sqrt(np.einsum("sci,ij,scj->sc", differences, inverse, differences).min(1))


def case(n, d, classes, others=12):
    y = np.concatenate([np.arange(classes), np.arange(classes), random.integers(0, classes, n - 2 * classes)])
    scales = np.exp(random.normal(size=d))
    centres = random.normal(size=(classes, d))
    x = float32((centres[y] + random.normal(size=(n, d)) * scales))
    o = float32((centres[random.integers(0, classes, others)] + 2 * random.normal(size=(others, d)) * scales))
    k = min(10, max(1, np.bincount(y).min() // 10))
    neighbours = NearestNeighbors(n_neighbors=k).fit(normalize(x)).kneighbors(normalize(o))[0]
    return {
        "features": d, "classes": classes, "x": decimals(x), "y": y.tolist(), "others": decimals(o),
        "mahalanobis": numbers(mahalanobis(normalize(x), y, classes, normalize(o))),
        "neighbour": int(k), "nearestNeighbour": numbers(neighbours[:, -1]),
    }


def spectrum(n, d, count):
    u, _ = np.linalg.qr(random.normal(size=(n, d)))
    v, _ = np.linalg.qr(random.normal(size=(d, d)))
    x = float32((u * 10 * 0.8 ** np.arange(d)) @ v.T)
    values, vectors = np.linalg.eigh(x.T @ x)
    return {
        "columns": d, "count": count, "x": decimals(x), "values": numbers(values[::-1][:count]),
        "vectors": numbers(vectors[:, ::-1][:, :count].T), "total": float((x ** 2).sum()),
    }


def symmetric(d):
    a = random.normal(size=(d, d)).round(3)
    a = a + a.T
    values, vectors = np.linalg.eigh(a)
    return {"size": d, "matrix": a.ravel().tolist(), "values": values[::-1].tolist(),
            "vectors": vectors[:, ::-1].T.ravel().tolist()}


def ranking(scores):
    positive = random.random(len(scores)) < 0.4
    return {"positives": numbers(scores[positive]), "negatives": numbers(scores[~positive]),
            "area": roc_auc_score(positive, scores)}


json.dump({
    # All but one direction kept: the whole covariance. Then one of them, none, and 16 of 40.
    "distances": [case(90, 8, 3), case(14, 8, 3), case(9, 30, 2), case(130, 40, 2)],
    "spectrum": spectrum(120, 30, 5),
    "symmetric": [symmetric(1), symmetric(2), symmetric(9)],
    "rankings": [ranking(random.normal(size=40)), ranking(random.integers(0, 5, 60).astype("d"))],
}, open(sys.argv[1], "w"))
