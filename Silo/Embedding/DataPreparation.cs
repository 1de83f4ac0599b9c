using SparseGrid.Compression.Data;
using SparseGrid.Contracts.Spec;

namespace SparseGrid.Silo.Embedding;

/// <summary>Sees to it that a named data set is on this machine before anything is planned. Silos never fetch data themselves.</summary>
public static class DataPreparation
{
    /// <summary>Downloads a named set that is nowhere on this machine and has published files; does nothing for other data.</summary>
    /// <param name="say">Told lines of progress.</param>
    /// <exception cref="InvalidDataException">The set is not here and cannot be fetched; says where it was looked for and what to do.</exception>
    public static async Task Run(DataSettings data, Action<string> say, CancellationToken stop)
    {
        var cache = DataCache.Folder;
        if (data.Path is not null || NamedSet.Of(data.Format) is not { Downloads.IsEmpty: false } set
            || set.Places(cache).Any(place => DataFormat.Named(set.Format).Missing(place).IsEmpty))
            return;

        using var client = new HttpClient();
        await new NamedSetDownload(client, say).Fetch(set, cache, stop);
    }
}
