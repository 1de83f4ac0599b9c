using SparseGrid.Console;
using SparseGrid.Console.Clusters;
using SparseGrid.Console.Commands;
using SparseGrid.Silo;
using SparseGrid.Silo.Storage;

namespace SparseGrid.Client.Tests.Commands;

/// <summary>What the verbs of a cluster take and tell before any silo is asked.</summary>
public sealed class ClusterCommandLineTests : IDisposable
{
    private readonly StringWriter output = new() { NewLine = "\n" };
    private readonly StringWriter error = new() { NewLine = "\n" };
    private readonly string folder = Directory.CreateTempSubdirectory("sparsegrid-client-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("plan")]
    [InlineData("run")]
    [InlineData("export")]
    [InlineData("quick")]
    [InlineData("schema")]
    [InlineData("silo")]
    [InlineData("submit")]
    [InlineData("watch")]
    [InlineData("ls")]
    [InlineData("show")]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("stop")]
    [InlineData("retry")]
    [InlineData("why")]
    [InlineData("gc")]
    public async Task Help_of_every_verb_ends_in_examples_of_it(string verb)
    {
        Assert.Equal(ExitCode.Done, await Run(verb, "--help"));
        Assert.Contains($"sparsegrid {verb}", output.ToString()[output.ToString().IndexOf("Examples:", StringComparison.Ordinal)..]);
    }

    [Theory]
    [InlineData("ls", "--redis", "cache:6379,password=hunter2,colour=red", "--redis: Keyword 'colour' is not supported; give HOST:PORT, or several of them")]
    [InlineData("gc", "--redis", "cache:6379,ssl=hunter2", "--redis: Keyword 'ssl' requires a boolean value; give HOST:PORT, or several of them")]
    [InlineData("gc", "--redis", ",", "--redis: it names no server; give HOST:PORT")]
    [InlineData("silo", "--urls", "8080", "--urls is 8080: give addresses of this machine as http://HOST:PORT")]
    [InlineData("silo", "--urls", "http://127.0.0.1:0;https://127.0.0.1:1", "--urls is http://127.0.0.1:0;https://127.0.0.1:1: give addresses")]
    [InlineData("silo", "--name", "../a", "--name is ../a: give 1 to 64 letters, digits")]
    [InlineData("silo", "--name", "a b", "--name is a b: give 1 to 64 letters, digits")]
    public async Task An_option_that_cannot_be_used_is_refused_with_the_rule_and_without_a_password(string verb, string option, string value, string expected)
    {
        Assert.Equal(ExitCode.BadInput, await Run(verb, "--folder", folder, option, value));
        Assert.StartsWith(expected, error.ToString());
        Assert.DoesNotContain("hunter2", error.ToString());
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public async Task No_message_about_a_Redis_that_does_not_answer_tells_its_password()
    {
        const string redis = "127.0.0.1:1,password=hunter2,connectTimeout=200,connectRetry=0";
        Assert.Equal(ExitCode.BadInput, await Run("gc", "--folder", folder, "--redis", redis));
        Assert.Equal(ExitCode.BadInput, await Run("ls", "--folder", folder, "--redis", redis));

        Assert.All(error.ToString().TrimEnd().Split('\n'), line => Assert.StartsWith("Redis 127.0.0.1:1 cannot be used: ", line));
        Assert.DoesNotContain("hunter2", error.ToString());
        Assert.Equal(" --folder 'my grid' --redis 127.0.0.1:1,…", new ClusterSettings("my grid", redis).Options);
        Assert.Equal(" --redis a:1,b:6379", new ClusterSettings(CommandLineParser.DefaultFolder, "a:1,b").Options);
    }

    [Fact]
    public async Task The_command_that_gc_advises_deletes_what_it_has_shown()
    {
        SqliteSchema.Install(Profiles.Database(folder));
        var stray = Path.Combine(folder, "artifacts", "ab", "ab".PadRight(64, '0'));
        Directory.CreateDirectory(Path.GetDirectoryName(stray)!);
        File.WriteAllText(stray, "stray");
        File.SetLastWriteTimeUtc(stray, DateTime.UtcNow.AddDays(-2));

        Assert.Equal(ExitCode.Done, await Run("gc", "--folder", folder, "--age", "1.12:00:00"));

        Assert.EndsWith($"Delete it: sparsegrid gc --folder {folder} --age 1.12:00:00 --delete\n", output.ToString());
    }

    private Task<ExitCode> Run(params string[] args) =>
        CommandLineParser.Run(args, new(output, error, Interactive: false, Color: false, 120), _ => throw new NotSupportedException(), TimeProvider.System);
}
