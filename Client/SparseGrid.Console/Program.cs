using SparseGrid.Console;
using SparseGrid.Console.Commands;
using SparseGrid.Console.Embedded;

return (int)await CommandLineParser.Run(args, Terminal.OfProcess(), EmbeddedGrid.Start, TimeProvider.System);
