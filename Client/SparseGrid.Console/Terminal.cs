using Spectre.Console;

namespace SparseGrid.Console;

/// <summary>Where the program writes, and what a reader can see there.</summary>
/// <param name="Out">Results.</param>
/// <param name="Error">Errors, and progress where <paramref name="Out"/> carries a document.</param>
/// <param name="Interactive">True where a person watches and lines can be drawn again.</param>
/// <param name="Color">False where NO_COLOR is set or nobody watches.</param>
/// <param name="Width">Columns of a line; 120 where nobody watches.</param>
public sealed record Terminal(TextWriter Out, TextWriter Error, bool Interactive, bool Color, int Width)
{
    /// <summary>Columns of a line where nothing tells how wide it is.</summary>
    public const int DefaultWidth = 120;

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess()
    {
        var interactive = !System.Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not ("dumb" or null);
        var color = interactive && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var width = interactive ? System.Console.WindowWidth : 0; // 0 too where a terminal does not say
        return new(
            new StandardWriter(System.Console.Out, mayLose: false), new StandardWriter(System.Console.Error, mayLose: true),
            interactive, color, width > 0 ? Math.Max(20, width) : DefaultWidth);
    }

    /// <summary>A Spectre console that draws on <see cref="Out"/>.</summary>
    public IAnsiConsole Canvas()
    {
        var canvas = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = Interactive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = Color ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = Interactive ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new AnsiConsoleOutput(Out),
        });
        canvas.Profile.Width = Width;
        return canvas;
    }
}
