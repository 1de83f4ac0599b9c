using Microsoft.Extensions.Configuration.Memory;
using OpenTelemetry.Metrics;
using SparseGrid.Grains.Slots;
using SparseGrid.Silo;

// A silo by configuration: appsettings.json, environment (Orleans__Clustering__ProviderType=…) and arguments. Loopback unless told otherwise.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = [new("urls", "http://127.0.0.1:8080"), new("Logging:LogLevel:Orleans", "Warning")] });
try
{
    builder.UseEmbeddedProfileByDefault();
}
catch (IOException unusable) // the folder or its database; in use, full, read-only, damaged
{
    await Console.Error.WriteLineAsync(unusable.Message);
    return 2;
}

builder.AddSparseGridSilo();
builder.Services.AddClusterLife();
builder.Services.AddHealthChecks().AddCheck<SiloHealth>("silo");
builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter("Microsoft.Orleans").AddPrometheusExporter());

var app = builder.Build();
app.MapHealthChecks("/healthz");
app.MapPrometheusScrapingEndpoint("/metrics");
await using (app)
{
    await app.StartAsync();
    await app.WaitForShutdownAsync();
    return app.Services.GetRequiredService<DeviceFault>().Fault is null ? 0 : DeviceFault.ExitCode;
}
