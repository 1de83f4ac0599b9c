using SparseGrid.Console;
using SparseGrid.Console.Clusters;
using SparseGrid.Console.Commands;
using SparseGrid.System.Target;

// A silo whose stages may fail as the environment says.
if (args is ["silo", "--folder", var folder, "--name", var name])
    return (int)await new SiloCommand(Terminal.OfProcess(), TimeProvider.System, FaultyStages.AddTo).Run(new(folder, Name: name), TimeSpan.Zero);

// The console as the product has it, but for the grid, which may die at a point that the environment names.
return (int)await CommandLineParser.Run(args, Terminal.OfProcess(), WatchedGrid.Start, TimeProvider.System);
