#!/usr/bin/env python3
"""Writes Tests/Fixtures/learning/evaluation.json: what scikit-learn, SciPy, cleanlab and NumPy make of small sets of predictions.

    scripts/make_evaluation_fixtures.py Tests/Fixtures/learning/evaluation.json

Needs scikit-learn 1.9, SciPy and cleanlab 2.9.
"""
import json
import sys
import warnings

import numpy as np
from cleanlab.filter import find_label_issues
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (balanced_accuracy_score, confusion_matrix, log_loss, precision_recall_fscore_support)
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

random = np.random.default_rng(1)


def softmax(logits):
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def metrics(p, y):
    predicted = p.argmax(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        precision, recall, f1, support = precision_recall_fscore_support(
            y, predicted, labels=range(p.shape[1]), zero_division=0)
        balanced = balanced_accuracy_score(y, predicted)
        loss = log_loss(y, p, labels=range(p.shape[1]))
    confidence = p.max(1).astype("d")
    gap = 0
    for b in range(15):  # Guo et al. 2017: bin m is ((m - 1) / 15, m / 15]
        inside = (confidence > b / 15) & (confidence <= (b + 1) / 15)
        if inside.any():
            gap += inside.mean() * abs((predicted == y)[inside].mean() - confidence[inside].mean())
    return {
        "classes": p.shape[1], "probabilities": p.ravel().tolist(), "labels": y.tolist(),
        "accuracy": float((predicted == y).mean()), "balancedAccuracy": balanced, "precision": precision.tolist(),
        "recall": recall.tolist(), "f1": f1.tolist(), "support": support.tolist(),
        "confusion": confusion_matrix(y, predicted, labels=range(p.shape[1])).tolist(), "logLoss": float(loss),
        "expectedCalibrationError": float(gap),
    }


def temperature(z, y, deviation=0.25):
    def objective(log_temperature):
        p = softmax(z.astype("d") / np.exp(log_temperature))
        return -np.log(p[np.arange(len(y)), y]).sum() + log_temperature ** 2 / (2 * deviation ** 2)
    found = minimize_scalar(objective, bounds=(np.log(0.01), np.log(100)), method="bounded", options={"xatol": 1e-10})
    return {"classes": z.shape[1], "logits": z.ravel().tolist(), "labels": y.tolist(), "temperature": float(np.exp(found.x))}


def logits(n, k, scale, noise):
    y = random.integers(0, k, n)
    return (scale * (np.eye(k)[y] + noise * random.normal(size=(n, k)))).astype("f"), y


def selection():
    """Total log-loss of held-out samples for each strength, on folds that are written down."""
    n, d, k = 90, 5, 3
    y = np.arange(n) % k
    x = (random.normal(size=(k, d))[y] + 1.2 * random.normal(size=(n, d))).astype("f").astype("d")
    x *= np.array([0.1, 1, 3, 10, 30])
    folds = [test for _, test in StratifiedKFold(4, shuffle=True, random_state=0).split(x, y)]
    usual = 10 ** round(np.log10(d / 10))
    grid, losses = [], []
    for power in range(3, -4, -1):
        strength, total = usual * 10.0 ** power, 0
        for test in folds:
            train = np.setdiff1d(np.arange(n), test)
            scaler = StandardScaler().fit(x[train])
            model = LogisticRegression(C=1 / strength, tol=1e-10, max_iter=100000).fit(scaler.transform(x[train]), y[train])
            total += log_loss(y[test], model.predict_proba(scaler.transform(x[test])), normalize=False)
        grid.append(strength)
        losses.append(total)
    prior = [(np.log(strength / usual) / 0.5) ** 2 / 2 for strength in grid]
    return {
        "features": d, "classes": k, "x": x.ravel().tolist(), "y": y.tolist(), "folds": [fold.tolist() for fold in folds],
        "grid": grid, "logLosses": losses, "best": grid[int(np.argmin(np.add(losses, prior)))],
        "bestWithoutPrior": grid[int(np.argmin(losses))],
    }


def suspects(n, k):
    z, y = logits(n, k, 8, 0.35)
    wrong = random.choice(n, n // 12, replace=False)
    y[wrong] = (y[wrong] + 1) % k
    p = softmax(z).astype("f")
    issues = find_label_issues(y, p.astype("d"), filter_by="confident_learning")
    margins = p.max(1) - p[np.arange(n), y]
    found = [int(i) for i in np.argsort(-margins, kind="stable") if issues[i] and margins[i] >= 0.8]
    return {"classes": k, "probabilities": p.ravel().tolist(), "labels": y.tolist(), "suspects": found,
            "suggestions": [int(p[i].argmax()) for i in found]}


z, y = logits(200, 4, 3, 0.8)
sure = softmax(z * 40).astype("f")  # zeros and ones: clipping decides the log-loss
seldom = softmax(z[:30] - np.array([0, 0, 50, 0], "f")).astype("f")  # class 2 is never predicted, class 3 has no images
json.dump({
    "metrics": [metrics(softmax(z).astype("f"), y), metrics(sure, y), metrics(seldom, y[:30] % 3)],
    "temperatures": [
        temperature(*logits(300, 5, 12, 0.7)), temperature(*logits(300, 3, 0.4, 0.7)), temperature(*logits(12, 2, 3, 0.1)),
        temperature(*logits(12, 2, 6, 1.5)), temperature(np.tile(np.array([[9, 0]], "f"), (10, 1)), np.ones(10, int)),
    ],
    "selection": selection(),
    "suspects": suspects(240, 4),
}, open(sys.argv[1], "w"))
