namespace SparseGrid.Grains.Slots;

/// <summary>
/// Blocks a slot's thread until a task is over. Unlike the task's own wait it does not spin before it sleeps: what a slot waits for is a call to a grain or a store, longer
/// than any spin, and with more slots than processors the spinning threads take the time from those that answer.
/// </summary>
internal static class Blocking
{
    /// <summary>Waits for the task's answer, or throws what it threw.</summary>
    public static T On<T>(Task<T> task)
    {
        Sleep(task);
        return task.GetAwaiter().GetResult();
    }

    /// <summary>Waits for the end of the task, or throws what it threw.</summary>
    public static void On(Task task)
    {
        Sleep(task);
        task.GetAwaiter().GetResult();
    }

    private static void Sleep(Task task)
    {
        if (task.IsCompleted)
            return;

        // Not disposed: it has no handle, and Set may still be on its way out when the wait is over.
        var over = new ManualResetEventSlim(initialState: false, spinCount: 0);
        task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(over.Set);
        over.Wait();
    }
}
