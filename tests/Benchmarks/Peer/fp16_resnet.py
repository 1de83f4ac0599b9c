"""The best FP16 form of a torchvision ResNet that PyTorch offers: batch normalization folded, cudnn_convolution_relu and cudnn_convolution_add_relu, channels last, one CUDA graph.

fp16_resnet.py NETWORK BATCH ROUNDS prints the median of ROUNDS replays and of as many eager calls in microseconds, and the relative error beside FP32. Weights and images are random.
"""
import sys
import torch
import torch.nn.functional as F

network, batch, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
bottleneck = network == "resnet50"
blocks = {"resnet18": [2, 2, 2, 2], "resnet34": [3, 4, 6, 3], "resnet50": [3, 4, 6, 3]}[network]
torch.manual_seed(1)
torch.backends.cudnn.benchmark = True
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False


class Conv:
    def __init__(self, channels, outputs, kernel, stride):
        weight = torch.randn(outputs, channels, kernel, kernel, device="cuda") * (2 / (channels * kernel * kernel)) ** 0.5
        self.exact, self.exact_bias = weight.half().float(), (torch.randn(outputs, device="cuda") * 0.1).half().float()
        self.weight, self.bias = self.exact.half().contiguous(memory_format=torch.channels_last), self.exact_bias.half()
        self.stride, self.pad = [stride, stride], [kernel // 2, kernel // 2]

    def relu(self, x, residual=None):
        if x.dtype == torch.float32:
            y = self.plain(x)
            return F.relu(y if residual is None else y + residual)
        if residual is None:
            return torch.cudnn_convolution_relu(x, self.weight, self.bias, self.stride, self.pad, [1, 1], 1)
        return torch.cudnn_convolution_add_relu(x, self.weight, residual, 1.0, self.bias, self.stride, self.pad, [1, 1], 1)

    def plain(self, x):
        exact = x.dtype == torch.float32
        return F.conv2d(x, self.exact if exact else self.weight, self.exact_bias if exact else self.bias, self.stride, self.pad)


stem = Conv(3, 64, 7, 2)
body, channels = [], 64
for stage, count in enumerate(blocks):
    planes = 64 << stage
    outputs = planes * 4 if bottleneck else planes
    for block in range(count):
        stride = 2 if stage > 0 and block == 0 else 1
        if bottleneck:
            branch = [Conv(channels, planes, 1, 1), Conv(planes, planes, 3, stride), Conv(planes, outputs, 1, 1)]
        else:
            branch = [Conv(channels, planes, 3, stride), Conv(planes, planes, 3, 1)]
        body.append((branch, Conv(channels, outputs, 1, stride) if stride != 1 or channels != outputs else None))
        channels = outputs
fc = torch.randn(1000, channels, device="cuda") * channels ** -0.5
fc16 = fc.half()


def forward(x):
    x = F.max_pool2d(stem.relu(x), 3, 2, 1)
    for branch, projection in body:
        identity = projection.plain(x) if projection else x
        for conv in branch[:-1]:
            x = conv.relu(x)
        x = branch[-1].relu(x, identity)
    return F.linear(x.mean([2, 3]), fc if x.dtype == torch.float32 else fc16)


def median(call):
    times = []
    for _ in range(rounds):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        call()
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end) * 1000)
    return sorted(times)[len(times) // 2]


with torch.inference_mode():
    images = torch.randn(batch, 3, 224, 224, device="cuda").half().contiguous(memory_format=torch.channels_last)
    for _ in range(5):
        scores = forward(images)
    exact = forward(images[:1].float())
    error = ((scores[:1].float() - exact).norm() / exact.norm()).item()
    eager = median(lambda: forward(images))
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            forward(images)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        forward(images)
    for _ in range(5):
        graph.replay()
    print(f"{median(graph.replay):.1f} {eager:.1f} {error:.1e} {torch.__version__} {torch.backends.cudnn.version()}")
