using System.Security.Cryptography;

namespace SparseGrid.Compression.Data;

/// <summary>Fetches the files of a named set from their publisher into the cache: each under a temporary name until its hash is known to be right.</summary>
/// <param name="say">Told a line where something has come about.</param>
/// <param name="patience">Longest wait for the next bytes; a minute unless given.</param>
public sealed class NamedSetDownload(HttpClient client, Action<string> say, TimeSpan? patience = null)
{
    private const int LinesOfFile = 5;
    private readonly TimeSpan wait = patience ?? TimeSpan.FromMinutes(1);

    /// <summary>Fetches the files that the cache has not.</summary>
    /// <exception cref="InvalidDataException">A file cannot be fetched or is not the published one; says which, why, and what else can be done.</exception>
    /// <exception cref="OperationCanceledException">The caller has cancelled; nothing half is left.</exception>
    public async Task Fetch(NamedSet set, string cache, CancellationToken stop)
    {
        var folder = set.CacheFolder(cache);
        var missing = DataFormat.Named(set.Format).Missing(folder);
        var files = set.Downloads.Where(file => missing.Contains(Path.GetFileNameWithoutExtension(file.Name))).ToArray();
        try
        {
            Directory.CreateDirectory(folder);
            say($"Downloading {set.Name} to {folder}, {Megabytes(files.Sum(file => file.Length))} MB from {set.Downloads[0].Address.Host}");
            foreach (var file in files)
                await Fetch(file, folder, stop);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            throw new InvalidDataException(set.NotHere(cache, e.Message), e);
        }
    }

    private async Task Fetch(RemoteFile file, string folder, CancellationToken stop)
    {
        // One fixed name: what a killed process leaves is overwritten by the next, and of two at once the second is refused.
        var part = Path.Combine(folder, file.Name + ".part");
        var target = new FileStream(part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        try
        {
            string hash;
            await using (target)
            {
                target.SetLength(0);
                hash = await Copy(file, target, stop);
                target.Flush(flushToDisk: true);
            }

            if (hash != file.Sha256)
                throw new HttpRequestException($"{file.Address} has the SHA-256 {hash}, the published file {file.Sha256}. It was not kept.");
            File.Move(part, Path.Combine(folder, file.Name), overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }

        say($"  {file.Name}: {Megabytes(file.Length)} MB, SHA-256 as published");
    }

    private async Task<string> Copy(RemoteFile file, FileStream target, CancellationToken stop)
    {
        using var patient = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patient.CancelAfter(wait);
        try
        {
            using var response = await client.GetAsync(file.Address, HttpCompletionOption.ResponseHeadersRead, patient.Token);
            if (!response.IsSuccessStatusCode)
                throw new HttpRequestException($"{file.Address} answered {(int)response.StatusCode} {response.ReasonPhrase}.");

            await using var content = await response.Content.ReadAsStreamAsync(patient.Token);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var (buffer, length) = (new byte[1 << 16], 0L);
            for (int read; (read = await content.ReadAsync(buffer, patient.Token)) > 0; patient.CancelAfter(wait))
            {
                var before = length * LinesOfFile / file.Length;
                length += read;
                if (length > file.Length)
                    throw new HttpRequestException($"{file.Address} is longer than the {file.Length} bytes of the published file.");

                hash.AppendData(buffer, 0, read);
                await target.WriteAsync(buffer.AsMemory(0, read), patient.Token);
                if (length < file.Length && length * LinesOfFile / file.Length > before && file.Length > buffer.Length)
                    say($"  {file.Name}: {Megabytes(length)} of {Megabytes(file.Length)} MB");
            }

            return length == file.Length
                ? Convert.ToHexStringLower(hash.GetHashAndReset())
                : throw new HttpRequestException($"{file.Address} broke off after {length} of {file.Length} bytes.");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new TimeoutException($"{file.Address} sent nothing for {wait.TotalSeconds:0} seconds.");
        }
        catch (HttpRequestException e) when (e.StatusCode is null && e.InnerException is not null)
        {
            throw new HttpRequestException($"{file.Address}: {e.Message}", e);
        }
        catch (HttpIOException e)
        {
            throw new HttpRequestException($"{file.Address} broke off: {e.Message}", e);
        }
    }

    private static string Megabytes(long bytes) => FormattableString.Invariant($"{bytes / 1e6:0.0}");
}
