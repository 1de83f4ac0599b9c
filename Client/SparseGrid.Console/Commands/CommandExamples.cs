using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace SparseGrid.Console.Commands;

/// <summary>Help of one command, followed by examples of it.</summary>
internal sealed class CommandExamples(HelpAction help, string examples) : SynchronousCommandLineAction
{
    /// <summary>Gives the command a help option of its own that ends in the examples.</summary>
    public static void AddTo(Command command, string examples)
    {
        var option = new HelpOption();
        option.Action = new CommandExamples((HelpAction)option.Action!, examples);
        command.Options.Add(option);
    }

    /// <summary>Help is given whatever else is missing on the line.</summary>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var code = help.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output.WriteLine(examples);
        return code;
    }
}
