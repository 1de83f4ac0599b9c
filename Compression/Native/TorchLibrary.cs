using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SparseGrid.Compression.Native;

/// <summary>Loads libtorch and TorchSharp's native library, also where the system's C++ library is older than the one TorchSharp was built with.</summary>
/// <remarks>
/// TorchSharp 0.107's native library names the symbol version GLIBCXX_3.4.32, which the libstdc++ of Debian 12 and Ubuntu 22.04
/// lacks, though no relocation uses it. A private copy with that need marked weak loads there; the original file is never changed.
/// TorchSharp then finds the copy by its soname, since it is already in the process.
/// </remarks>
public static class TorchLibrary
{
    /// <summary>Names the folder of another libtorch (the <c>torch/lib</c> of an installed PyTorch 2.10 or 2.11); set before first use.</summary>
    public const string PathVariable = "Torch__LibraryPath";

    private const string SharpLibrary = "libLibTorchSharp.so";
    private static readonly Lock Gate = new();
    private static bool loaded;
    private static nint sharp;

    /// <summary>Version of an installed PyTorch whose libtorch was loaded, from its version.py; null for the libtorch that ships with the program.</summary>
    public static string? InstalledVersion { get; private set; }

    /// <summary>Loads the libraries once for the process; later calls return at once.</summary>
    /// <param name="libraryPath">Folder with libtorch; null takes the variable <see cref="PathVariable"/>, else the one that ships with the program.</param>
    /// <exception cref="DllNotFoundException">The folder or a library in it is missing, or the loader refuses it; the message says which.</exception>
    public static void Load(string? libraryPath = null)
    {
        lock (Gate)
        {
            if (loaded || !OperatingSystem.IsLinux())
                return;

            var shipped = ShippedFolder();
            var chosen = libraryPath ?? Environment.GetEnvironmentVariable(PathVariable);
            if (string.IsNullOrWhiteSpace(chosen))
                chosen = shipped;
            else if (!File.Exists(Path.Combine(chosen, "libtorch_cpu.so")))
                throw new DllNotFoundException($"Torch:LibraryPath is '{chosen}', which holds no libtorch_cpu.so. Name the torch/lib folder of an installed PyTorch 2.10 or 2.11.");

            foreach (var name in (string[])["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"])
            {
                var path = Path.Combine(chosen, name);
                if (File.Exists(path))
                    NativeLibrary.Load(path);
                else if (!name.Contains("cuda"))
                    throw new DllNotFoundException($"'{path}' is missing: the libtorch in that folder is not complete.");
            }

            InstalledVersion = VersionOf(chosen);
            sharp = NativeLibrary.Load(LoadableCopy(Path.Combine(shipped, SharpLibrary)));
            loaded = true;
        }
    }

    // Type initializers of TorchSharp load the native library on their first use, wherever that happens: this runs before any code here does.
#pragma warning disable CA2255 // meant for applications; here it is what keeps every entry into the library safe
    [ModuleInitializer]
    internal static void LoadWithModule() => Load();
#pragma warning restore CA2255

    /// <summary>Address of a function that TorchSharp's native library exports.</summary>
    /// <exception cref="EntryPointNotFoundException">It exports none of that name: it is another version.</exception>
    internal static nint FunctionOf(string name)
    {
        lock (Gate)
        {
            if (sharp == 0)
                sharp = NativeLibrary.Load("LibTorchSharp", typeof(TorchSharp.torch).Assembly, null);
        }

        return NativeLibrary.GetExport(sharp, name);
    }

    /// <summary>The library itself where the system can load it, else a copy that does not insist on the versions that nothing uses.</summary>
    internal static string LoadableCopy(string original)
    {
        if (NativeLibrary.TryLoad(original, out _))
            return original;

        var image = File.ReadAllBytes(original);
        foreach (var need in ElfVersionNeeds.Read(image))
        {
            if (need.Name.StartsWith("GLIBCXX_", StringComparison.Ordinal) && !ElfVersionNeeds.IsUsed(image, need))
                ElfVersionNeeds.MakeWeak(image, need);
        }

        // Named by content: programs of several versions, started at the same moment, cannot disturb one another.
        var folder = Path.Combine(CacheFolder(), "native", Convert.ToHexStringLower(SHA256.HashData(image))[..32]);
        var copy = Path.Combine(folder, SharpLibrary);
        if (File.Exists(copy) && new FileInfo(copy).Length == image.Length)
            return copy;

        Directory.CreateDirectory(folder);
        var partial = Path.Combine(folder, $"{SharpLibrary}.{Environment.ProcessId}.partial");
        File.WriteAllBytes(partial, image);
        File.Move(partial, copy, overwrite: true);
        return copy;
    }

    // torch/lib lies beside torch/version.py, whose line __version__ = '2.11.0+cu130' is the package's own word.
    private static string? VersionOf(string folder)
    {
        var file = Path.Combine(folder, "..", "version.py");
        return !File.Exists(file)
            ? null
            : File.ReadLines(file).FirstOrDefault(line => line.StartsWith("__version__", StringComparison.Ordinal))?.Split('\'', '"').ElementAtOrDefault(1);
    }

    private static string ShippedFolder()
    {
        string[] candidates = [Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native"), AppContext.BaseDirectory];
        return candidates.FirstOrDefault(folder => File.Exists(Path.Combine(folder, SharpLibrary)))
            ?? throw new DllNotFoundException($"{SharpLibrary} is in none of: {string.Join(", ", candidates)}. Build or publish for linux-x64.");
    }

    private static string CacheFolder()
    {
        var home = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(home))
        {
            var user = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            home = string.IsNullOrEmpty(user) ? Path.GetTempPath() : Path.Combine(user, ".cache");
        }

        try
        {
            Directory.CreateDirectory(Path.Combine(home, "sparsegrid"));
            return Path.Combine(home, "sparsegrid");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return Path.Combine(Path.GetTempPath(), "sparsegrid");
        }
    }
}
