using SparseGrid.Console;
using SparseGrid.Console.Commands;
using SparseGrid.Console.Embedded;

FileSizeLimit.FailWrites();
return (int)await CommandLineParser.Run(args, Terminal.OfProcess(), EmbeddedGrid.Start, TimeProvider.System);
