namespace SparseGrid.Compression.Pruning.Permutation;

/// <summary>
/// Climbing in steps within a few stripes at a time: the gain of every step is known, the best ones that touch different stripes are taken, and only what touches a
/// changed stripe is looked at again. Where nothing gains any more, an escape exchanges a few columns at random and the climb goes on; the best state is remembered,
/// and each escape starts from it.
/// </summary>
/// <remarks>
/// Up to the first convergence this is the walk of apex's permutation search, step by step. Beyond it the reference exchanges two columns, wanders on from
/// wherever that led and forgets where it was best. One exchange is mostly undone by the next step; three are not: on 60 random matrices each of 12x32, 32x32 and
/// 32x64 a hundred escapes ended higher than the reference's walk 57, 60 and 59 times, with one exchange 12, 14 and 18 times.
/// </remarks>
internal abstract class StripeSearch
{
    private const long ExactValues = 1 << 20;                 // up to here gains are float64 throughout: it costs little
    private const float FloatLimit = 1e30f;                   // sums of larger magnitudes overflow float32
    private const long SmallValues = 1 << 16;                 // up to here an escape is tried several times: it costs little
    private const int TriesWhereSmall = 8;
    private const int Exchanges = 3;
    private const long SmallWork = 1 << 15;                   // fewer vectors than this are not worth a second thread

    private readonly int stripes;
    private readonly StripeGroups groups;
    private readonly double[] stripeKept;
    private readonly bool exact;
    private readonly SearchRun run;
    private State best;
    private bool converged;

    protected StripeSearch(ColumnMagnitudes matrix, StripeWindow window, int movesPerGroup, int[] order, SearchRun run)
    {
        (Matrix, Window, MovesPerGroup, Order, this.run) = (matrix, window, movesPerGroup, order, run);
        stripes = order.Length / 4;
        groups = new(stripes, window.Stripes);
        Gains = new double[groups.Count * movesPerGroup];
        stripeKept = [.. Enumerable.Range(0, stripes).Select(KeptBy)];
        exact = (long)matrix.Rows * matrix.Columns <= ExactValues || matrix.Largest > FloatLimit;
        best = Snapshot();
    }

    /// <summary>The column at each place.</summary>
    protected int[] Order { get; }

    /// <summary>What each step would gain, group by group.</summary>
    protected double[] Gains { get; }

    protected ColumnMagnitudes Matrix { get; }

    protected StripeWindow Window { get; }

    protected int MovesPerGroup { get; }

    /// <summary>The best order found.</summary>
    /// <param name="escapes">How often the climb goes on from the best state with a few columns exchanged.</param>
    public int[] Find(int escapes)
    {
        if (groups.Count == 0)
            return Order;

        Look(_ => true);
        Climb();
        best = Snapshot();
        converged = true;
        var tries = (long)escapes * ((long)Matrix.Rows * Matrix.Columns <= SmallValues ? TriesWhereSmall : 1);
        for (var escape = 0L; escape < tries; escape++)
        {
            Escape(escape);
            Climb();
            if (stripeKept.Sum() > best.StripeKept.Sum())
                best = Snapshot();
            else
                Restore();
        }

        return best.Order;
    }

    /// <summary>Gains below this are no reason for a step.</summary>
    /// <param name="largest">The largest gain of all steps.</param>
    protected abstract double Threshold(double largest);

    /// <summary>The gains of a group's steps.</summary>
    /// <param name="kept">What each partition of its columns keeps.</param>
    protected abstract void Score(ReadOnlySpan<double> kept, Span<double> gains);

    /// <summary>The order of a window's columns after a step, and its gain.</summary>
    protected abstract (IReadOnlyList<int> Places, double Gain) Step(int move, ReadOnlySpan<double> kept);

    private void Climb()
    {
        for (var changed = Pass(); changed is not null; changed = Pass())
        {
            run.Stop.ThrowIfCancellationRequested();
            Look(group => groups.HoldsAny(group, changed));
        }
    }

    // One pass takes the steps by what they gain; null where it takes none.
    private bool[]? Pass()
    {
        var threshold = Threshold(Gains.Max());
        var steps = Enumerable.Range(0, Gains.Length).Where(step => Gains[step] >= threshold).OrderByDescending(step => Gains[step]).ThenBy(step => step);
        var changed = new bool[stripes];
        var any = false;
        var kept = new double[Window.Partitions.Length];
        foreach (var step in steps.ToArray())
        {
            var group = step / MovesPerGroup;
            if (groups.HoldsAny(group, changed))
                continue;

            // Found in float32 perhaps: what is done is decided in float64.
            Window.Score<double>(Matrix, ColumnsOf(group), kept);
            var (places, gain) = Step(step % MovesPerGroup, kept);
            Gains[step] = gain;
            if (gain < threshold)
                continue;

            Rearrange(group, places, changed);
            any = true;
        }

        return any ? changed : null;
    }

    private void Rearrange(int group, IReadOnlyList<int> places, bool[] changed)
    {
        var columns = ColumnsOf(group);
        var place = 0;
        foreach (var stripe in groups[group])
        {
            foreach (ref var column in Order.AsSpan(4 * stripe, 4))
            {
                changed[stripe] |= column != columns[places[place]];
                column = columns[places[place++]];
            }

            stripeKept[stripe] = KeptBy(stripe);
        }
    }

    // Columns of different stripes change places.
    private void Escape(long escape)
    {
        var changed = new bool[stripes];
        for (var draw = 0; draw < 3 * Exchanges; draw += 3)
        {
            var group = run.Random.Integer(0, groups.Count - 1, escape, draw);
            var half = Window.Columns / 2;
            var places = Enumerable.Range(0, Window.Columns).ToArray();
            var (left, right) = (run.Random.Integer(0, half - 1, escape, draw + 1), half + run.Random.Integer(0, half - 1, escape, draw + 2));
            (places[left], places[right]) = (right, left);
            Rearrange(group, places, changed);
        }

        Look(group => groups.HoldsAny(group, changed));
    }

    private void Look(Func<int, bool> isDue)
    {
        // Stripes that hold again what they held in the best state gain what they gained there.
        var restored = Enumerable.Range(0, stripes).Select(stripe => converged && KeyOf(Order, stripe) == KeyOf(best.Order, stripe)).ToArray();
        var due = new List<int>();
        foreach (var group in Enumerable.Range(0, groups.Count).Where(isDue))
        {
            if (groups.HoldsOnly(group, restored))
                best.Gains.AsSpan(group * MovesPerGroup, MovesPerGroup).CopyTo(Gains.AsSpan(group * MovesPerGroup));
            else
                due.Add(group);
        }

        if (run.Threads == 1 || (long)due.Count * Matrix.Stride * Window.Partitions.Length / ColumnMagnitudes.Lanes < SmallWork)
        {
            foreach (var group in due)
                Look(group);
        }
        else
        {
            Parallel.ForEach(due, new ParallelOptions { MaxDegreeOfParallelism = run.Threads, CancellationToken = run.Stop }, Look);
        }
    }

    private void Look(int group)
    {
        run.Stop.ThrowIfCancellationRequested();
        Span<double> kept = stackalloc double[Window.Partitions.Length];
        if (exact)
            Window.Score<double>(Matrix, ColumnsOf(group), kept);
        else
            Window.Score<float>(Matrix, ColumnsOf(group), kept);
        Score(kept, Gains.AsSpan(group * MovesPerGroup, MovesPerGroup));
    }

    /// <summary>What tells two contents of a stripe apart: the set of its columns. Where single places count, their order too.</summary>
    protected virtual (int, int, int, int) KeyOf(int[] order, int stripe)
    {
        Span<int> four = [.. order.AsSpan(4 * stripe, 4)];
        four.Sort();
        return (four[0], four[1], four[2], four[3]);
    }

    private int[] ColumnsOf(int group)
    {
        var columns = new int[Window.Columns];
        var at = 0;
        foreach (var stripe in groups[group])
            Order.AsSpan(4 * stripe, 4).CopyTo(columns.AsSpan(4 * at++));
        return columns;
    }

    private double KeptBy(int stripe) => Matrix.Kept(Order.AsSpan(4 * stripe, 4));

    private State Snapshot() => new([.. Order], [.. Gains], [.. stripeKept]);

    private void Restore()
    {
        best.Order.CopyTo(Order, 0);
        best.Gains.CopyTo(Gains, 0);
        best.StripeKept.CopyTo(stripeKept, 0);
    }

    private sealed record State(int[] Order, double[] Gains, double[] StripeKept);
}
