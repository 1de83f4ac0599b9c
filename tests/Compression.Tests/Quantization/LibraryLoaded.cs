using System.Runtime.CompilerServices;
using SparseGrid.Compression.Native;

namespace SparseGrid.Compression.Tests.Quantization;

internal static class LibraryLoaded
{
    // Tests may touch TorchSharp before any code of Compression, whose own initializer would come too late.
#pragma warning disable CA2255
    [ModuleInitializer]
    internal static void Load() => TorchLibrary.Load();
#pragma warning restore CA2255
}
