"""python make_architecture_fixtures.py: writes Tests/Fixtures/architecture_golden.json, what PyTorch answers for small images
and few classes. Needs torchvision and timm: .cache/timm/bin/python of scripts/compare-with-torchvision."""

import json
from pathlib import Path

import numpy as np
import timm
import torch
import torchvision
from torch import nn

import network_weights
from course_networks import LeNet5, SlideConvnet

CLASSES = 5


def narrow(network, *positions):
    """AlexNet and VGG with 32 outputs of their hidden layers, which have a hundred million weights otherwise."""
    head = network.classifier
    for position in positions:
        head[position] = nn.Linear(head[position].in_features if position == positions[0] else 32, 32)
    head[6] = nn.Linear(32, CLASSES)
    return network


def networks():
    yield "slide_convnet", "conv1", "fc", [1, 28, 28], SlideConvnet()
    yield "lenet5", "conv1", "fc3", [1, 32, 32], LeNet5()
    models = torchvision.models
    yield "alexnet", "features.0", "classifier.6", [3, 80, 64], narrow(models.alexnet(), 1, 4)
    yield "vgg11_bn", "classifier.6", "classifier.6", [3, 32, 48], narrow(models.vgg11_bn(), 0, 3)
    for name, stem, classifier in [
            ("resnet18", "conv1", "fc"), ("resnext50_32x4d", "conv1", "fc"),
            ("mobilenet_v2", "features.0.0", "classifier.1"), ("mobilenet_v3_small", "features.0.0", "classifier.3"),
            ("efficientnet_b0", "features.0.0", "classifier.1"), ("densenet121", "features.conv0", "classifier"),
            ("regnet_y_400mf", "stem.0", "fc"), ("convnext_tiny", "features.0.0", "classifier.2")]:
        yield name, stem, classifier, [3, 64, 48], getattr(models, name)(num_classes=CLASSES)
    for name, stem, classifier in [
            ("mobilenetv2_100", "conv_stem", "classifier"), ("mobilenetv3_large_100", "conv_stem", "classifier"),
            ("tf_mobilenetv3_small_100", "conv_stem", "classifier"), ("efficientnet_b0", "conv_stem", "classifier"),
            ("efficientnet_b1", "conv_stem", "classifier"), ("tf_efficientnet_b0", "conv_stem", "classifier"),
            ("efficientnet_lite0", "conv_stem", "classifier"), ("tf_efficientnet_lite0", "conv_stem", "classifier"),
            ("regnetx_004", "stem.conv", "head.fc"), ("regnety_004", "stem.conv", "head.fc"),
            ("convnext_tiny", "stem.0", "head.fc")]:
        yield name, stem, classifier, [3, 64, 48], timm.create_model(name, num_classes=CLASSES)


def main():
    torch.set_grad_enabled(False)
    golden = []
    for name, stem, classifier, shape, network in networks():
        image = network_weights.image(shape)
        output = network_weights.fill(network)(torch.from_numpy(image[np.newaxis].copy())).numpy()[0]
        assert output.shape in [(CLASSES,), (10,)] and np.isfinite(output).all() and output.std() > 0, (name, output)
        golden.append({
            "name": name, "stem": stem, "classifier": classifier, "inputShape": shape,
            "output": [float(f"{value:.9g}") for value in output]})
        print(name, output, flush=True)
    path = Path(__file__).parent.parent / "Tests/Fixtures/architecture_golden.json"
    path.write_text("[\n" + ",\n".join(json.dumps(entry) for entry in golden) + "\n]\n")


main()
