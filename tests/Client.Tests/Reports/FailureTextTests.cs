using SparseGrid.Console.Progress;
using SparseGrid.Console.Reports;
using SparseGrid.Contracts.Grains;

namespace SparseGrid.Client.Tests.Reports;

public sealed class FailureTextTests
{
    [Fact]
    public void A_failure_is_told_with_attempts_and_class_where_they_say_something()
    {
        var row = Sample.Failed(1, "dense/qat", 0, "CUDA out of memory.\nTried to allocate 20 GiB.");
        Assert.Equal("CUDA out of memory. Tried to allocate 20 GiB.", FailureText.Of(row));
        Assert.Equal("out of memory: CUDA out of memory. Tried to allocate 20 GiB.", FailureText.Of(row with { FailureClass = FailureClass.OutOfMemory, Attempts = 1 }));
        Assert.Equal("failed after 3 attempts: out of memory: CUDA out of memory. Tried to allocate 20 GiB.", ProgressWords.Ended(row with { FailureClass = FailureClass.OutOfMemory, Attempts = 3 }));
        Assert.Equal("failed: line 3 has 64 values", ProgressWords.Ended(Sample.Failed(1, "dense", -1, "line 3 has 64 values") with { FailureClass = FailureClass.BadInput, Attempts = 1 }));

        // With a parent's failure comes its class, and no attempt of its own.
        Assert.Equal("its parent failed: NaN", FailureText.Of(Sample.Failed(2, "dense/ptq", 0, "its parent failed: NaN") with { FailureClass = FailureClass.NotFinite }));
    }
}
