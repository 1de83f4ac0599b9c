using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SparseGrid.System.Tests.Kills;

namespace SparseGrid.System.Tests.Processes;

/// <summary>The built program as a process of its own, and all that it wrote.</summary>
internal sealed class SparseGridProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(LongRun.Asked ? 45 : 5);
    private readonly Process process;
    private readonly ConcurrentQueue<string> output = new();
    private readonly ConcurrentQueue<string> error = new();
    private readonly string commandLine;
    private bool isDisposed;

    private SparseGridProcess(Process process, string commandLine)
    {
        this.process = process;
        this.commandLine = commandLine;
    }

    /// <summary>Everything written to standard output so far.</summary>
    public string Output => string.Join('\n', output);

    /// <summary>Everything written to standard error so far.</summary>
    public string Error => string.Join('\n', error);

    /// <summary>Lines of standard error that are not empty.</summary>
    public IEnumerable<string> ErrorLines => error.Where(line => line.Length > 0);

    /// <summary>Its number.</summary>
    public int Pid => process.Id;

    /// <summary>A number of /proc/PID/status: Threads, or VmRSS in KiB. The process must live.</summary>
    public long Status(string field)
    {
        var line = File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith(field + ":", StringComparison.Ordinal));
        return long.Parse(line[(field.Length + 1)..].Replace("kB", ""), CultureInfo.InvariantCulture);
    }

    /// <summary>Its exit code; it must have ended.</summary>
    public int ExitCode => process.ExitCode;

    /// <summary>The JSON document that it wrote to standard output.</summary>
    public JsonElement Document
    {
        get
        {
            using var document = JsonDocument.Parse(Output);
            return document.RootElement.Clone();
        }
    }

    /// <summary>Starts the program in a folder.</summary>
    public static SparseGridProcess Start(string folder, params string[] arguments) => Start(folder, ("NO_COLOR", "1"), arguments);

    /// <summary>Starts the program in a folder with one more variable in its environment.</summary>
    public static SparseGridProcess Start(string folder, (string Name, string Value) variable, params string[] arguments) =>
        Start([], Repository.Program, variable, folder, arguments);

    /// <summary>Starts the program in a folder, to die at a point: see the target's KillPoint.</summary>
    public static SparseGridProcess StartToDie(string point, string folder, params string[] arguments) =>
        Start([], Repository.Target, ("SPARSEGRID_KILL", point), folder, arguments);

    /// <summary>Starts the program in a folder, with stages of a kind that fail with a message of libtorch's: <c>train:CUDA error: …</c>.</summary>
    public static SparseGridProcess StartToFail(string fault, string folder, params string[] arguments) =>
        Start([], Repository.Target, ("SPARSEGRID_FAULT", fault), folder, arguments);

    /// <summary>Starts the program in a folder through another one that sets something up and then becomes it: <c>env</c>, <c>prlimit</c>.</summary>
    public static SparseGridProcess StartUnder(string[] launcher, string folder, params string[] arguments) =>
        Start(launcher, Repository.Program, ("NO_COLOR", "1"), folder, arguments);

    private static SparseGridProcess Start(string[] launcher, string program, (string Name, string Value) variable, string folder, string[] arguments)
    {
        string[] command = [.. launcher, "dotnet", program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.Environment["NO_COLOR"] = "1";
        // As if on a machine of its own: a process that another test has stopped would hold up the measurements of this one.
        start.Environment["TMPDIR"] = Directory.CreateDirectory(Path.Combine(folder, ".tmp")).FullName;
        start.Environment[variable.Name] = variable.Value;
        var process = new Process { StartInfo = start };
        var running = new SparseGridProcess(process, $"sparsegrid {string.Join(' ', arguments)}");
        process.OutputDataReceived += (_, line) => Keep(running.output, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(running.error, line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return running;
    }

    /// <summary>Runs the program to its end.</summary>
    public static async Task<SparseGridProcess> Run(string folder, params string[] arguments)
    {
        var process = Start(folder, arguments);
        await process.Ended();
        return process;
    }

    /// <summary>Runs the program to its end through another one.</summary>
    public static async Task<SparseGridProcess> RunUnder(string[] launcher, string folder, params string[] arguments)
    {
        var process = StartUnder(launcher, folder, arguments);
        await process.Ended();
        return process;
    }

    /// <summary>Waits until the process has ended by itself.</summary>
    /// <exception cref="TimeoutException">It runs for too long; names the command and what it wrote last.</exception>
    public async Task Ended()
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{commandLine}' ran for more than {Limit}; it wrote last: {output.LastOrDefault() ?? error.LastOrDefault()}");
        }
    }

    /// <summary>Waits for something that the process does; fails at once where it ends before.</summary>
    public async Task Until(Func<bool> seen, string what)
    {
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var waited = Stopwatch.StartNew(); !seen(); await poll.WaitForNextTickAsync())
        {
            if (process.HasExited)
                throw new InvalidOperationException($"'{commandLine}' ended with {process.ExitCode} before {what}.\n{Output}\n{Error}");
            if (waited.Elapsed > Limit)
                throw new TimeoutException($"'{commandLine}': waited {Limit} for {what}.\n{Output}\n{Error}");
        }
    }

    /// <summary>Sends a signal by name to this process alone: INT, TERM or KILL.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("/bin/kill", [$"-{name}", process.Id.ToString()]);
        kill.WaitForExit();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (isDisposed)
            return;

        isDisposed = true;
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
        process.Dispose();
    }

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
            lines.Enqueue(line);
    }
}
