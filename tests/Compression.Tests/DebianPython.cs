using System.Diagnostics;

namespace SparseGrid.Compression.Tests;

/// <summary>Debian's Python with its packages, where it is installed.</summary>
internal static class DebianPython
{
    public const string Path = "/usr/bin/python3";

    private static readonly Dictionary<string, bool> Known = [];

    /// <summary>True where these modules can be imported.</summary>
    public static bool Has(string modules)
    {
        lock (Known)
            return Known.TryGetValue(modules, out var has) ? has : Known[modules] = File.Exists(Path) && Run("-c", $"import {modules}").Exit == 0;
    }

    public static (int Exit, string Output, string Errors) Run(params string[] arguments)
    {
        using var python = Process.Start(new ProcessStartInfo(Path, ["-W", "ignore", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = python.StandardError.ReadToEndAsync();
        var output = python.StandardOutput.ReadToEnd();
        python.WaitForExit();
        return (python.ExitCode, output, errors.Result);
    }
}
