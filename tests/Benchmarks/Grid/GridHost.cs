using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using SparseGrid.Grains.Results;
using SparseGrid.Grains.Slots;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.Sweeps;
using SparseGrid.Silo;
using SparseGrid.Silo.Embedding;

namespace SparseGrid.Benchmarks.Grid;

/// <summary>One silo of a profile in this process: <c>sqlite</c> and <c>memory</c> are embedded ones, <c>host</c> and <c>redis</c> silos of a cluster.</summary>
internal sealed class GridHost : IAsyncDisposable
{
    private readonly IAsyncDisposable silo;

    private GridHost(IAsyncDisposable silo, IGrainFactory grains) => (this.silo, Grains) = (silo, grains);

    public IGrainFactory Grains { get; }

    public static async Task<GridHost> Start(string profile, string folder, int slots, NoOpStages stages, StorageTimes times, string? redis)
    {
        void Configure(IServiceCollection services)
        {
            services.AddSingleton<IStageRunner>(stages);
            services.AddSingleton<IPlanInputs>(stages);
            services.AddSingleton<IExecutionEnvironment>(stages);
            services.AddSingleton<IResultAssembler>(stages);
            services.Configure<DeviceOptions>(device => device.LockFolder = Path.Combine(folder, "devices"));
            CountedStorage.Count(services, times);
        }

        if (profile is "host" or "redis")
        {
            var app = ClusterSilo.Build(new(folder, redis, Slots: slots), Configure);
            await app.StartAsync();
            return new(new Stopped(app), app.Services.GetRequiredService<IGrainFactory>());
        }

        var settings = new Dictionary<string, string?>();
        if (profile == "memory")
            settings["Orleans:GrainStorage:Default:ProviderType"] = "Memory";
        var embedded = await EmbeddedSilo.StartAsync(new() { Folder = folder, Slots = slots, Settings = settings }, Configure);
        return new(embedded, embedded.Grains);
    }

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    private sealed class Stopped(WebApplication app) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }
}
