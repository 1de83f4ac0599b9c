namespace SparseGrid.Compression.Tensors.PyTorch;

/// <summary>A view of a storage, all numbers in values: element (i, j, …) lies at Offset + i·Strides[0] + j·Strides[1] + ….</summary>
internal sealed record PyTorchTensor(PyTorchStorage Storage, long Offset, long[] Shape, long[] Strides);
