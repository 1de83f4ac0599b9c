using System.Diagnostics;

namespace SparseGrid.System.Tests.Processes;

/// <summary>Mounts that only one shell and its children see: real full and read-only file systems, for a plain user too where the system lets one.</summary>
internal static class PrivateMounts
{
    private static readonly Lazy<string?> Refusal = new(() => Try("mount -t tmpfs tmpfs /tmp", "unshare -rm does not work here"));

    private static readonly Lazy<string?> NoOverlay = new(() => Try(
        "mount -t tmpfs tmpfs /tmp; mkdir /tmp/l /tmp/u /tmp/w; mount -t overlay -o lowerdir=/tmp/l,upperdir=/tmp/u,workdir=/tmp/w overlay /tmp/l", "overlays cannot be mounted here"));

    /// <summary>Why there are none here; null where there are.</summary>
    public static string? WhyNot => Refusal.Value;

    /// <summary>Why a folder cannot be laid over another here; null where it can.</summary>
    public static string? WhyNoOverlay => NoOverlay.Value;

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

    private static string? Try(string script, string refusal)
    {
        if (!OperatingSystem.IsLinux())
            return "Private mounts are Linux's.";
        using var shell = Start("/", script);
        var said = shell.StandardError.ReadToEnd();
        shell.WaitForExit();
        return shell.ExitCode == 0 ? null : $"{refusal}: {said.Trim()}";
    }

    private static Process Start(string folder, string script) => Process.Start(
        new ProcessStartInfo("timeout", ["300", "unshare", "-rm", "sh", "-ec", script, "sh", "dotnet", Repository.Program])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
}
