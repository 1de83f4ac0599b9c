using System.Diagnostics;

namespace SparseGrid.System.Tests.Processes;

/// <summary>Mounts that only one shell and its children see: real full and read-only file systems, for a plain user too where the system lets one.</summary>
internal static class PrivateMounts
{
    private static readonly Lazy<string?> Refusal = new(Try);

    /// <summary>Why there are none here; null where there are.</summary>
    public static string? WhyNot => Refusal.Value;

    /// <summary>Runs a shell script in a folder with mounts of its own; <c>"$@"</c> in it is the program.</summary>
    /// <returns>What it wrote to standard output.</returns>
    public static async Task<string> Run(string folder, string script)
    {
        using var shell = Start(folder, script);
        var error = shell.StandardError.ReadToEndAsync();
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        return shell.ExitCode == 0 ? output : throw new InvalidOperationException($"The script ended with {shell.ExitCode}.\n{output}\n{await error}");
    }

    private static string? Try()
    {
        if (!OperatingSystem.IsLinux())
            return "Private mounts are Linux's.";
        using var shell = Start("/", "mount -t tmpfs tmpfs /tmp");
        var said = shell.StandardError.ReadToEnd();
        shell.WaitForExit();
        return shell.ExitCode == 0 ? null : $"unshare -rm does not work here: {said.Trim()}";
    }

    private static Process Start(string folder, string script) => Process.Start(
        new ProcessStartInfo("timeout", ["300", "unshare", "-rm", "sh", "-ec", script, "sh", "dotnet", Repository.Program])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
}
