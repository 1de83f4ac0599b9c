using System.Diagnostics;
using System.Runtime.InteropServices;
using SparseGrid.Compression.CudaInt8.Compilation;
using SparseGrid.Compression.CudaInt8.Execution;

namespace SparseGrid.Compression.Tests.CudaInt8;

/// <summary>A convolution kernel on the processor: its own sources, compiled by g++ with the files of instructions in this folder in place of the GPU's.</summary>
internal sealed unsafe class ProcessorKernel : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sparsegrid-kernel").FullName;
    private readonly nint library;
    private readonly delegate* unmanaged<ConvParameters*, int, int, int, int, int, int, int> run;

    /// <summary>Compiles a source whose kernel is named conv; the test skips where there is no g++.</summary>
    public ProcessorKernel(string source)
    {
        foreach (var (name, text) in KernelSources.Headers)
            File.WriteAllText(Path.Combine(folder, name), text);
        foreach (var replaced in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "CudaInt8"), "*.cuh"))
            File.Copy(replaced, Path.Combine(folder, Path.GetFileName(replaced)), overwrite: true);
        File.WriteAllText(Path.Combine(folder, "kernel.cpp"), source + """
            extern "C" int run(const ConvParameters* p, int x, int y, int z, int threads, int shared, int cluster) {
              return launch({(u32)x, (u32)y, (u32)z}, threads, shared, cluster, [&] { conv(*p); });
            }

            """);
        Compile();
        library = NativeLibrary.Load(Path.Combine(folder, "kernel.so"));
        run = (delegate* unmanaged<ConvParameters*, int, int, int, int, int, int, int>)NativeLibrary.GetExport(library, "run");
    }

    public void Run(ConvParameters parameters, (int X, int Y, int Z) grid, int threads, int sharedBytes, int cluster)
    {
        var fault = run(&parameters, grid.X, grid.Y, grid.Z, threads, sharedBytes, cluster);
        Assert.True(fault == 0, fault == 1 ? "a block writes behind its shared memory" : "threads wait for others that never come");
    }

    public void Dispose()
    {
        NativeLibrary.Free(library);
        Directory.Delete(folder, recursive: true);
    }

    private void Compile()
    {
        try
        {
            using var compiler = Process.Start(new ProcessStartInfo("g++", ["-O1", "-std=c++17", "-w", "-ffp-contract=off", "-shared", "-fPIC", "-I", folder, "-o", Path.Combine(folder, "kernel.so"), Path.Combine(folder, "kernel.cpp")])
            {
                RedirectStandardError = true,
            })!;
            var errors = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            Assert.True(compiler.ExitCode == 0, errors);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Assert.Skip($"g++ is not here: {e.Message}");
        }
    }
}
