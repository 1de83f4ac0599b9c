using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>Vectors on the stack that start on a cache line: a sum that lies across two lines takes several times as long to read and write.</summary>
internal static class AlignedVectors
{
    private const int Line = 64;

    /// <summary>Bytes of stack for so many vectors, wherever the first line starts.</summary>
    public static int Room(int count) => (count + 1) * Line;

    /// <summary>The vectors within the room, not cleared.</summary>
    /// <param name="room">Stack memory, which does not move.</param>
    public static unsafe Span<Vector512<T>> In<T>(Span<byte> room, int count)
        where T : unmanaged
    {
        var beyond = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(room)) % Line;
        return MemoryMarshal.Cast<byte, Vector512<T>>(room[(int)((Line - beyond) % Line)..])[..count];
    }
}
