using System.Runtime.InteropServices;
using TorchSharp;

namespace SparseGrid.Compression.Native;

/// <summary>Loops of this program on the threads that libtorch runs its own operators on.</summary>
/// <remarks>
/// libtorch's threads are OpenMP's, and after each operator they wait for the next one without giving the core back for some milliseconds. Threads of another pool would have
/// to compete with them, so loops go to the same team, by the entry that compilers call for a parallel region: GOMP_parallel(body, data, threads, flags). It is looked up in
/// what libtorch itself has loaded. Where there is none (another OpenMP), .NET's pool runs the loop.
/// </remarks>
internal static unsafe class IntraOpThreads
{
    private static readonly delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void> Parallel = FindParallel();

    /// <summary>How many threads an operator of libtorch runs on when called from this thread.</summary>
    public static int Count => torch.get_num_threads();

    /// <summary>True where loops run on libtorch's threads.</summary>
    public static bool Shared => Parallel != null;

    /// <summary>Calls the body once for every part, in any order and on any thread; returns when all are done.</summary>
    /// <param name="body">Takes the state and the part, from 0 on. It throws nothing: it may run where nobody could catch it.</param>
    public static void For(int parts, delegate*<void*, int, void> body, void* state)
    {
        var loop = new Loop { Body = body, State = state, Parts = parts };
        var threads = Math.Min(Count, parts);
        if (threads <= 1)
            TakeParts(&loop);
        else if (Shared)
            Parallel(&OnTeam, &loop, (uint)threads, 0);
        else
            OnPool(&loop, threads);
    }

    /// <summary>The same on .NET's pool.</summary>
    internal static void ForOnPool(int parts, int threads, delegate*<void*, int, void> body, void* state)
    {
        var loop = new Loop { Body = body, State = state, Parts = parts };
        OnPool(&loop, threads);
    }

    private static void OnPool(Loop* loop, int threads) =>
        System.Threading.Tasks.Parallel.For(0, threads, new() { MaxDegreeOfParallelism = threads }, _ => TakeParts(loop));

    [UnmanagedCallersOnly]
    private static void OnTeam(void* loop) => TakeParts((Loop*)loop);

    // Whoever is free takes the next part.
    private static void TakeParts(Loop* loop)
    {
        for (int part; (part = Interlocked.Increment(ref loop->Taken) - 1) < loop->Parts;)
            loop->Body(loop->State, part);
    }

    private static delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void> FindParallel()
    {
        TorchLibrary.Load();
        return OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libtorch_cpu.so", out var library) && NativeLibrary.TryGetExport(library, "GOMP_parallel", out var entry)
            ? (delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void>)entry
            : null;
    }

    private struct Loop
    {
        public delegate*<void*, int, void> Body;
        public void* State;
        public int Parts;
        public int Taken;
    }
}
