namespace SparseGrid.System.Tests.Processes;

/// <summary>What a user gets who gives something that cannot be used: one line that says what and where, exit code 2, nothing else.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public Task A_missing_file_is_named() => Refuses("missing.yaml", @"^missing\.yaml: there is no such file\. Give the path of a sweep spec, such as samples/digits\.sweep\.yaml\.$");

    [Fact]
    public Task An_unknown_key_is_named_with_its_line_and_the_key_that_was_meant()
    {
        folder.Write("unknown.yaml", Specs.Tree().Replace("finetune: { epochs: 2", "finetune: { epoch: 2"));
        return Refuses("unknown.yaml", @"^unknown\.yaml:8: variants\.sparse\.finetune\.epoch: .*did you mean '?epochs'?\?");
    }

    [Fact]
    public Task An_impossible_value_is_named_with_its_line_and_the_rule()
    {
        folder.Write("impossible.yaml", Specs.Tree().Replace("batch_size: 64", "batch_size: -64"));
        return Refuses("impossible.yaml", @"^impossible\.yaml:7: variants\.dense\.train\.batch_size: .*-64.*");
    }

    [Fact]
    public Task A_data_file_that_is_missing_is_named()
    {
        folder.Write("nodata.yaml", Specs.Tree().Replace(Repository.Digits, "nothing.csv.gz"));
        return Refuses("nodata.yaml", @"nothing\.csv\.gz");
    }

    [Fact]
    public Task A_truncated_data_file_is_named_with_the_line_that_is_broken()
    {
        var row = string.Join(',', Enumerable.Range(0, 65).Select(value => value % 10));
        folder.Write("short.csv", string.Join('\n', Enumerable.Repeat(row, 20)) + "\n0,1,2,3");
        folder.Write("short.yaml", Specs.Tree().Replace(Repository.Digits, "short.csv"));
        return Refuses("short.yaml", @"short\.csv.*\b21\b");
    }

    [Fact]
    public Task A_truncated_compressed_file_is_named()
    {
        var whole = File.ReadAllBytes(Repository.Digits);
        File.WriteAllBytes(Path.Combine(folder.Path, "cut.csv.gz"), whole[..(whole.Length / 2)]);
        folder.Write("cut.yaml", Specs.Tree().Replace(Repository.Digits, "cut.csv.gz"));
        return Refuses("cut.yaml", @"cut\.csv\.gz");
    }

    [Fact]
    public async Task A_cluster_without_a_silo_is_answered_with_the_command_that_starts_one()
    {
        await using var list = await SparseGridProcess.Run(folder.Path, "ls", "--folder", "nowhere");
        Assert.Equal(2, list.ExitCode);
        Assert.Matches(@"^No silo answers for folder nowhere: there is no nowhere/grid\.db\. Start one: sparsegrid silo --folder nowhere$", Assert.Single(list.ErrorLines));
    }

    private async Task Refuses(string spec, string pattern)
    {
        await using var run = await SparseGridProcess.Run(folder.Path, "run", spec);
        Assert.Equal(2, run.ExitCode);
        Assert.Matches(pattern, Assert.Single(run.ErrorLines));
        Assert.Empty(run.Output);
    }
}
