using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SparseGrid.Compression.Tests.Data;

/// <summary>A web server on this machine that answers each path with given bytes, whatever they are, and closes the connection.</summary>
internal sealed class LoopbackPublisher : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Dictionary<string, byte[]> answers = [];
    private readonly TaskCompletionSource released = new();
    private readonly Task serving;

    public LoopbackPublisher()
    {
        listener.Start();
        serving = Serve();
    }

    /// <summary>Paths that were asked for.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>True leaves connections open after the answer.</summary>
    public bool Stalls { get; set; }

    /// <summary>The address of a path.</summary>
    public Uri Address(string path) => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/{path}");

    /// <summary>Answers a path with a body.</summary>
    /// <param name="stated">Length that the answer states; that of the body where it is null.</param>
    public void Offer(string path, byte[] body, long? stated = null, string status = "200 OK") => answers["/" + path] =
        [.. Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {stated ?? body.Length}\r\nConnection: close\r\n\r\n"), .. body];

    public async ValueTask DisposeAsync()
    {
        released.TrySetResult();
        listener.Stop();
        await serving;
    }

    private async Task Serve()
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                await using var stream = client.GetStream();
                using var reader = new StreamReader(stream, leaveOpen: true);
                var path = (await reader.ReadLineAsync())!.Split(' ')[1];
                while (await reader.ReadLineAsync() is { Length: > 0 })
                {
                }

                Asked.Add(path);
                await stream.WriteAsync(answers[path]);
                if (Stalls)
                    await released.Task;
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            // Stopped, or the client has gone.
        }
    }
}
