using System.Security.Cryptography;
using System.Text;

namespace SparseGrid.Grains.Identity;

/// <summary>SHA-256 as it is written everywhere here: 64 lower-case hex digits.</summary>
public static class Sha256
{
    /// <summary>Hash of the bytes.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Hash of what is left of the stream.</summary>
    public static string Of(Stream bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Hash of the text's UTF-8.</summary>
    public static string OfText(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Hash of the value's canonical JSON.</summary>
    public static string OfJson<T>(T value) => Of(CanonicalJson.Bytes(value));
}
