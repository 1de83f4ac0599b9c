using System.Collections.Immutable;

namespace SparseGrid.Compression.Graph;

/// <summary>One operation of a <see cref="LayerGraph"/>: it reads named tensors and writes named tensors.</summary>
/// <param name="Name">The node's name, also the prefix of its parameters: layer1.0.conv1 owns layer1.0.conv1.weight.</param>
/// <param name="Inputs">Names of the tensors it reads, in the operation's order.</param>
/// <param name="Outputs">Names of the tensors it writes.</param>
public abstract record Node(string Name, ImmutableArray<string> Inputs, ImmutableArray<string> Outputs)
{
    /// <summary>The only input of a node that has one.</summary>
    public string Input => Inputs[0];

    /// <summary>The only output of a node that has one.</summary>
    public string Output => Outputs[0];

    /// <summary>Parameters and buffers that the node owns: full name and shape, in a fixed order.</summary>
    public virtual IEnumerable<ParameterShape> Parameters => [];
}
