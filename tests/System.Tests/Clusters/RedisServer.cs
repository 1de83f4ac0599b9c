using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SparseGrid.System.Tests.Clusters;

/// <summary>Debian's redis-server as a process of the test's own, on a free port of loopback, with the append-only file that a grid wants.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly string? Program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "redis-server")).FirstOrDefault(File.Exists);

    private readonly string folder;
    private readonly int port;
    private Process? process;

    private RedisServer(string folder, int port) => (this.folder, this.port) = (folder, port);

    /// <summary>Why there is none here; null where there is.</summary>
    public static string? WhyNot => Program is null ? "redis-server is not installed; infra/install-test-tools.sh installs it." : null;

    /// <summary>How it is reached.</summary>
    public string Address => $"127.0.0.1:{port}";

    /// <summary>Starts a server that keeps its file in a folder.</summary>
    public static async Task<RedisServer> Start(string folder)
    {
        var server = Ready(folder);
        await server.Start();
        return server;
    }

    /// <summary>A server that is not started yet: nobody listens at its address.</summary>
    public static RedisServer Ready(string folder)
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var server = new RedisServer(Directory.CreateDirectory(folder).FullName, ((IPEndPoint)free.LocalEndpoint).Port);
        free.Stop();
        return server;
    }

    /// <summary>Starts it again on the same port and the same file, and returns when it answers.</summary>
    public async Task Start()
    {
        process = Process.Start(new ProcessStartInfo(Program!, ["--port", $"{port}", "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes", "--save", "", "--logfile", "redis.log"]))!;
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var waited = Stopwatch.StartNew(); !await Answers(); await poll.WaitForNextTickAsync(TestContext.Current.CancellationToken))
            Assert.True(waited.Elapsed < Limit && !process.HasExited, $"redis-server on port {port} does not answer.");
    }

    /// <summary>Sends it a signal: KILL, STOP, CONT.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("/bin/kill", [$"-{name}", process!.Id.ToString()]);
        kill.WaitForExit();
    }

    /// <summary>Ends it at once.</summary>
    public async Task Kill()
    {
        if (process is null)
            return;

        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
        process = null;
    }

    public async ValueTask DisposeAsync() => await Kill();

    private async Task<bool> Answers()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            var answer = new byte[7];
            await client.GetStream().ReadExactlyAsync(answer, TestContext.Current.CancellationToken);
            return Encoding.ASCII.GetString(answer) == "+PONG\r\n";
        }
        catch (Exception notYet) when (notYet is SocketException or IOException)
        {
            return false;
        }
    }
}
