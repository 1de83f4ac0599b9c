using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using SparseGrid.Silo.Storage;

[assembly: RegisterProvider("Sqlite", "GrainStorage", "Silo", typeof(SqliteStorageBuilder))]

namespace SparseGrid.Silo.Storage;

/// <summary>Lets a configuration choose our storage: <c>Orleans:GrainStorage:Default:ProviderType = Sqlite</c>, with the <c>ConnectionString</c> of a database
/// that <see cref="SqliteSchema"/> has installed.</summary>
internal sealed class SqliteStorageBuilder : IProviderBuilder<ISiloBuilder>
{
    public void Configure(ISiloBuilder builder, string? name, IConfigurationSection configurationSection)
    {
        var connection = configurationSection["ConnectionString"] ?? throw new OrleansConfigurationException(
            $"{configurationSection.Path}:ConnectionString is missing: give that of the grid's database, Data Source=/folder/grid.db.");
        builder.Services.AddGrainStorage(name ?? "Default", (services, _) => new SqliteGrainStorage(
            connection, services.GetRequiredService<IOptions<ClusterOptions>>().Value.ServiceId, services.GetRequiredService<IGrainStorageSerializer>()));
    }
}
