using SparseGrid.Compression.Runtimes;

namespace SparseGrid.Compression.Tests.Runtimes;

public sealed class CpuDeviceTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sparsegrid-cpu-");

    [Fact]
    public void A_processor_without_vnni_carries_a_caveat_and_one_with_it_does_not()
    {
        Assert.SkipUnless(System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64, "The caveat is about x64 processors.");
        var old = Read("model name\t: Old Xeon\nflags\t\t: fpu avx2 avx512f\n", "a");
        Assert.Equal("Old Xeon", old.Model);
        Assert.Contains("Old Xeon has no VNNI", old.Caveat, StringComparison.Ordinal);
        Assert.Null(Read("model name\t: New Xeon\nflags\t\t: fpu avx2 avx512_vnni\n", "a").Caveat);
        Assert.Null(Read("model name\t: Small Core\nflags\t\t: fpu avx2 avx_vnni\n", "a").Caveat);
    }

    [Fact]
    public void The_fingerprint_tells_machines_and_models_apart_and_hides_the_machine_s_id()
    {
        const string Cpu = "model name\t: Some CPU\nflags\t\t: avx512_vnni\n";
        var device = Read(Cpu, "0123456789abcdef");
        Assert.Equal(device.Fingerprint, Read(Cpu, "0123456789abcdef").Fingerprint);
        Assert.NotEqual(device.Fingerprint, Read(Cpu, "fedcba9876543210").Fingerprint);
        Assert.NotEqual(device.Fingerprint, Read(Cpu.Replace("Some", "Other", StringComparison.Ordinal), "0123456789abcdef").Fingerprint);
        Assert.Matches("^[0-9a-f]{32}$", device.Fingerprint);
        Assert.DoesNotContain("0123456789abcdef", device.Fingerprint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_that_tells_nothing_still_has_a_name_and_a_fingerprint()
    {
        var device = CpuDevice.Read(Path.Combine(folder.FullName, "none"), Path.Combine(folder.FullName, "none"));
        Assert.NotEmpty(device.Model);
        Assert.Equal(32, device.Fingerprint.Length);
        Assert.False(device.HasInt8Dot);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private CpuDevice Read(string cpuInfo, string machineId)
    {
        var (cpu, machine) = (Path.Combine(folder.FullName, "cpuinfo"), Path.Combine(folder.FullName, "machine-id"));
        File.WriteAllText(cpu, cpuInfo);
        File.WriteAllText(machine, machineId);
        return CpuDevice.Read(cpu, machine);
    }
}
