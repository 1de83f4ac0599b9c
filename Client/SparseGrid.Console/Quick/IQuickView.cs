using SparseGrid.Compression.Analysis;

namespace SparseGrid.Console.Quick;

/// <summary>Shows how a quick analysis goes on.</summary>
internal interface IQuickView
{
    /// <summary>Runs it and shows its progress.</summary>
    QuickResult Show(Func<Action<QuickProgress>, QuickResult> analysis);

    /// <summary>Shows a sentence beside the progress; from any thread.</summary>
    void Say(string sentence);
}
