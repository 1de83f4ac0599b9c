using SparseGrid.Console;
using SparseGrid.Console.Commands;
using SparseGrid.System.Target;

// The console as the product has it, but for the grid, which may die at a point that the environment names.
return (int)await CommandLineParser.Run(args, Terminal.OfProcess(), WatchedGrid.Start, TimeProvider.System);
