using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Identity;

/// <summary>The identity of a variant's result: what was measured, how, with which runtime, on which device.</summary>
public static class ResultKey
{
    /// <summary>Raised by every change of what a result holds: an older one is passed over, and put together again from the records of its stages.</summary>
    private const int Form = 2;

    /// <summary>The key, 64 hex digits. The same variant measured on another device has another result.</summary>
    public static string Of(VariantId variant, MeasureSettings measure, string runtimeVersion, string deviceFingerprint) => Sha256.OfText(CanonicalJson.Object(
        ("variant", CanonicalJson.Text(variant)),
        ("measure", CanonicalJson.Remembered(measure)),
        ("runtime_version", CanonicalJson.Text(runtimeVersion)),
        ("device_fingerprint", CanonicalJson.Text(deviceFingerprint)),
        ("form", CanonicalJson.Text(Form))));
}
