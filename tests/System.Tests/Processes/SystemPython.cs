using System.Diagnostics;

namespace SparseGrid.System.Tests.Processes;

/// <summary>The system's python, for which Debian's python3-onnx is installed; another python may come first on PATH.</summary>
internal static class SystemPython
{
    private const string Program = "/usr/bin/python3";

    private const string Check = """
        import sys, onnx
        for name in sys.argv[1:]:
            onnx.checker.check_model(onnx.load(name), full_check=True)
        print(len(sys.argv) - 1, "accepted")
        """;

    /// <summary>True where it can import onnx.</summary>
    public static bool HasOnnx { get; } = File.Exists(Program) && Run("-c", "import onnx").ExitCode == 0;

    /// <summary>Checks each file with shape inference; "N accepted", or what was wrong with the first that was not.</summary>
    public static string CheckOnnx(string[] files) => Run(["-c", Check, .. files]).Text;

    private static (int ExitCode, string Text) Run(params string[] arguments)
    {
        using var python = Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = python.StandardError.ReadToEndAsync();
        var text = python.StandardOutput.ReadToEnd();
        python.WaitForExit();
        return (python.ExitCode, (text + error.Result).Trim());
    }
}
