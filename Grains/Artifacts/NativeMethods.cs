using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SparseGrid.Grains.Artifacts;

/// <summary>The two calls of the C library that .NET does not offer for folders.</summary>
internal static partial class NativeMethods
{
    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int Fsync(SafeFileHandle file);
}
