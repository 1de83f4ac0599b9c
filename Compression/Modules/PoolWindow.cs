using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.Modules;

/// <summary>The windows that pools can have here.</summary>
internal static class PoolWindow
{
    /// <summary>The window itself.</summary>
    /// <exception cref="ArgumentException">Opposite sides are padded unequally, or it is dilated where it may not be.</exception>
    public static Window Checked(Window window, bool dilation) =>
        window.PadTop != window.PadBottom || window.PadLeft != window.PadRight
            ? throw new ArgumentException($"The window pads {window.PadTop}, {window.PadLeft}, {window.PadBottom}, {window.PadRight}: a pool takes equal padding on opposite sides.", nameof(window))
        : !dilation && (window.DilationHeight, window.DilationWidth) != (1, 1)
            ? throw new ArgumentException($"The window is dilated by {window.DilationHeight}, {window.DilationWidth}: an average pool has no dilation.", nameof(window))
        : window;
}
