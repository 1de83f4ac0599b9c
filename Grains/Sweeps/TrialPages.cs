using Orleans.Storage;

namespace SparseGrid.Grains.Sweeps;

/// <summary>
/// The stored trials of one sweep, <see cref="TrialPage.Size"/> to a record, so that a change costs the same however many there are. Each record has its own
/// etag: an activation that has been superseded is told so by the first page that it writes.
/// </summary>
/// <param name="sweep">The sweep's name.</param>
internal sealed class TrialPages(IGrainStorage storage, string sweep)
{
    private const string State = "sweep-page";

    private readonly List<GrainState<TrialPage>> pages = [];
    private readonly SortedSet<int> changed = [];
    private long submission;

    /// <summary>One byte a trial.</summary>
    public byte[] States { get; private set; } = [];

    /// <summary>Message of each trial whose own variant failed.</summary>
    public SortedDictionary<int, string> Failures { get; private set; } = [];

    /// <summary>Failed attempts by the first trial of the variant. Who changes them changes the trial too, so that they are stored with it.</summary>
    public SortedDictionary<int, FailedAttempts> Attempts { get; private set; } = [];

    /// <summary>Stage kind to how many were executed.</summary>
    public SortedDictionary<string, int> Executed { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>Stage kind to how many were answered by a record.</summary>
    public SortedDictionary<string, int> Reused { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>True where something is not stored yet.</summary>
    public bool Changed => changed.Count > 0;

    /// <summary>Takes up what is stored of a submission.</summary>
    public async Task Load(long of, int trials)
    {
        await Reserve(trials);
        Begin(of, trials);
        for (var page = 0; page * TrialPage.Size < trials; page++)
        {
            var stored = pages[page].State!;
            if (stored.Submission != of || stored.Trials.Length != LengthOf(page))
                continue;

            stored.Trials.CopyTo(States, page * TrialPage.Size);
            foreach (var (trial, message) in stored.Failures)
                Failures[trial] = message;
            foreach (var (trial, attempts) in stored.Attempts)
                Attempts[trial] = attempts;
            Add(Executed, stored.Executed);
            Add(Reused, stored.Reused);
        }
    }

    /// <summary>Reads the pages of so many trials that were not read yet: what an earlier submission left is written over by its etag.</summary>
    public async Task Reserve(int trials)
    {
        var missing = Enumerable.Range(pages.Count, Math.Max(0, ((trials + TrialPage.Size - 1) / TrialPage.Size) - pages.Count)).ToArray();
        pages.AddRange(await Task.WhenAll(missing.Select(Read)));
    }

    /// <summary>Begins a submission, whose pages are reserved: every trial waits.</summary>
    public void Begin(long of, int trials)
    {
        (submission, States, Failures, Attempts) = (of, new byte[trials], [], []);
        Executed.Clear();
        Reused.Clear();
        changed.Clear();
    }

    /// <summary>Takes over what a version before pages kept in one record; the next write stores it in pages.</summary>
    public void TakeOver(SweepRecord record)
    {
        record.Trials.CopyTo(States, 0);
        foreach (var (trial, message) in record.Failures)
            Failures[trial] = message;
        foreach (var (trial, attempts) in record.Attempts)
            Attempts[trial] = attempts;
        for (var trial = 0; trial < States.Length; trial += TrialPage.Size)
            Touch(trial);
    }

    /// <summary>A trial has changed.</summary>
    public void Touch(int trial) => changed.Add(trial / TrialPage.Size);

    /// <summary>Stages were executed, or answered by records, for a trial.</summary>
    public void Count(int trial, IReadOnlyCollection<string> executed, IReadOnlyCollection<string> reused)
    {
        if (executed.Count + reused.Count == 0)
            return;

        var page = pages[trial / TrialPage.Size].State!;
        if (page.Submission != submission)
            Reset(page);
        Add(Executed, executed);
        Add(page.Executed, executed);
        Add(Reused, reused);
        Add(page.Reused, reused);
        Touch(trial);
    }

    /// <summary>Stores the pages that have changed.</summary>
    /// <exception cref="InconsistentStateException">Another activation of the sweep has written one of them.</exception>
    public async Task Write()
    {
        var due = changed.ToArray();
        changed.Clear();
        try
        {
            await Task.WhenAll(due.Select(Write));
        }
        catch
        {
            changed.UnionWith(due);
            throw;
        }
    }

    /// <summary>Deletes the pages that were loaded or reserved.</summary>
    public async Task Clear()
    {
        await Task.WhenAll(Enumerable.Range(0, pages.Count).Where(page => pages[page].RecordExists).Select(page => storage.ClearStateAsync(State, IdOf(page), pages[page])));
        pages.Clear();
        Begin(0, 0);
    }

    private async Task Write(int page)
    {
        var own = pages[page].State!;
        if (own.Submission != submission)
            Reset(own);

        // A copy: reports may come in while it is being written.
        var from = page * TrialPage.Size;
        var copy = new GrainState<TrialPage>(new()
        {
            Submission = submission,
            Trials = States[from..(from + LengthOf(page))],
            Failures = new(Failures.Where(failure => failure.Key / TrialPage.Size == page).ToDictionary()),
            Attempts = new(Attempts.Where(attempt => attempt.Key / TrialPage.Size == page).ToDictionary()),
            Executed = new(own.Executed, StringComparer.Ordinal),
            Reused = new(own.Reused, StringComparer.Ordinal),
        })
        {
            ETag = pages[page].ETag,
            RecordExists = pages[page].RecordExists,
        };
        await storage.WriteStateAsync(State, IdOf(page), copy);
        (pages[page].ETag, pages[page].RecordExists) = (copy.ETag, true);
    }

    private async Task<GrainState<TrialPage>> Read(int page)
    {
        var stored = new GrainState<TrialPage>();
        await storage.ReadStateAsync(State, IdOf(page), stored);
        stored.State ??= new();
        return stored;
    }

    private void Reset(TrialPage page)
    {
        page.Submission = submission;
        page.Executed.Clear();
        page.Reused.Clear();
    }

    private int LengthOf(int page) => Math.Min(TrialPage.Size, States.Length - (page * TrialPage.Size));

    // No slash between them: by slashes a record of Redis is told apart.
    private GrainId IdOf(int page) => GrainId.Create(State, $"{sweep}.{page}");

    private static void Add(SortedDictionary<string, int> counts, IEnumerable<string> kinds)
    {
        foreach (var kind in kinds)
            counts[kind] = counts.GetValueOrDefault(kind) + 1;
    }

    private static void Add(SortedDictionary<string, int> counts, SortedDictionary<string, int> more)
    {
        foreach (var (kind, count) in more)
            counts[kind] = counts.GetValueOrDefault(kind) + count;
    }
}
