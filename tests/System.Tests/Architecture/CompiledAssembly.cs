using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace SparseGrid.System.Tests.Architecture;

/// <summary>What a compiled assembly mentions: read from its metadata, so unused package references do not count and forgotten ones do.</summary>
/// <param name="Assemblies">Names of the assemblies that it references.</param>
/// <param name="Types">Full names of the types of other assemblies that its code mentions.</param>
internal sealed record CompiledAssembly(string Name, ImmutableArray<string> Assemblies, ImmutableArray<string> Types)
{
    /// <summary>Reads one of the assemblies beside these tests.</summary>
    public static CompiledAssembly Read(string name)
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, name + ".dll"));
        using var image = new PEReader(file);
        var metadata = image.GetMetadataReader();
        return new(
            name,
            [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name)).Order(StringComparer.Ordinal)],
            [.. metadata.TypeReferences.Select(handle => FullName(metadata, handle)).Distinct().Order(StringComparer.Ordinal)]);
    }

    /// <summary>Types under one of the namespaces.</summary>
    public IEnumerable<string> TypesUnder(params string[] namespaces) =>
        Types.Where(type => namespaces.Any(space => type.StartsWith(space + ".", StringComparison.Ordinal)));

    private static string FullName(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        var name = metadata.GetString(type.Name);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? $"{FullName(metadata, (TypeReferenceHandle)type.ResolutionScope)}.{name}"
            : $"{metadata.GetString(type.Namespace)}.{name}";
    }
}
