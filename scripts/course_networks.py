"""The networks that torchvision does not have, in PyTorch."""

from torch import nn


class SlideConvnet(nn.Module):
    """Two convolutions with pooling, dropout and a dense layer with softmax, on 28×28."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2, self.fc = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3), nn.Linear(1600, 10)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        x = nn.functional.max_pool2d(self.conv1(x).relu(), 2)
        x = nn.functional.max_pool2d(self.conv2(x).relu(), 2)
        return self.fc(self.dropout(x.flatten(1))).softmax(1)


class LeNet5(nn.Module):
    """LeCun et al. 1998 with average pools and tanh, on 32×32."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = nn.functional.avg_pool2d(self.conv1(x).tanh(), 2)
        x = nn.functional.avg_pool2d(self.conv2(x).tanh(), 2)
        return self.fc3(self.fc2(self.fc1(x.flatten(1)).tanh()).tanh())
