using System.ComponentModel.DataAnnotations;

namespace SparseGrid.Grains.Slots;

/// <summary>How this silo uses its device.</summary>
public sealed class DeviceOptions
{
    /// <summary>cpu or cuda. Default cpu.</summary>
    [AllowedValues("cpu", "cuda")]
    public string Device { get; set; } = "cpu";

    /// <summary>Where the silos of this machine lock its devices for measurements. Default: <c>sparsegrid-devices</c> in the folder of temporary files.</summary>
    [Required]
    public string LockFolder { get; set; } = Path.Combine(Path.GetTempPath(), "sparsegrid-devices");

    /// <summary>Variants run at once on the device, 0 to 64. Default 1: two variants share its memory and slow each other. 0 runs none here.</summary>
    [Range(0, 64)]
    public int SlotsPerDevice { get; set; } = 1;
}
