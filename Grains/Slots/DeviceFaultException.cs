namespace SparseGrid.Grains.Slots;

/// <summary>The device failed, so that this process cannot compute any more.</summary>
/// <param name="message">For the user: what failed and what to do.</param>
public sealed class DeviceFaultException(string message) : Exception(message);
