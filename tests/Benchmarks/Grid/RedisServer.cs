using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace SparseGrid.Benchmarks.Grid;

/// <summary>Debian's redis-server on a free loopback port, with an append-only file that is synced each second; ends with this object.</summary>
internal sealed class RedisServer : IDisposable
{
    private readonly Process server;

    private RedisServer(Process server, int port) => (this.server, Port) = (server, port);

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    public TimeSpan ProcessorTime
    {
        get
        {
            server.Refresh();
            return server.TotalProcessorTime;
        }
    }

    public static RedisServer Start(string folder)
    {
        int port;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        var server = Process.Start(new ProcessStartInfo(
            "/usr/bin/redis-server",
            ["--port", $"{port}", "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes", "--appendfsync", "everysec"]) { RedirectStandardOutput = true })!;
        using var ready = new ManualResetEventSlim();
        server.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null || line.Data.Contains("Ready to accept", StringComparison.Ordinal))
                ready.Set();
        };
        server.BeginOutputReadLine();
        ready.Wait();
        return server.HasExited ? throw new InvalidOperationException("redis-server ended at once; it needs a free port and a folder it can write.") : new(server, port);
    }

    public void Dispose()
    {
        server.Kill();
        server.WaitForExit();
        server.Dispose();
    }
}
