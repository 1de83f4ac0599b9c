namespace SparseGrid.Grains.Slots;

/// <summary>What made this process unfit to compute: an error of the device, which poisons every later call, or a stage that hangs in it.</summary>
public sealed class DeviceFault
{
    /// <summary>The exit code by which a supervisor knows that the process should be started again.</summary>
    public const int ExitCode = 70;

    private readonly TaskCompletionSource<DeviceFaultException> lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with the fault when there is one; otherwise never.</summary>
    public Task<DeviceFaultException> Lost => lost.Task;

    /// <summary>What went wrong; null where nothing did.</summary>
    public DeviceFaultException? Fault => lost.Task.IsCompleted ? lost.Task.Result : null;

    /// <summary>Notes the first fault; later ones follow from it.</summary>
    public void Report(string message) => lost.TrySetResult(new(message));
}
