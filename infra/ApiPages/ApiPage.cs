using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SparseGrid.ApiPages;

/// <summary>Markdown pages of an assembly's public types: signatures as the compiler reads them, words from the docstrings.</summary>
public static class ApiPage
{
    private static readonly SymbolDisplayFormat Signature = new(
        SymbolDisplayGlobalNamespaceStyle.Omitted,
        SymbolDisplayTypeQualificationStyle.NameAndContainingTypes,
        SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints,
        SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeModifiers
            | SymbolDisplayMemberOptions.IncludeConstantValue,
        SymbolDisplayDelegateStyle.NameAndSignature,
        SymbolDisplayExtensionMethodStyle.StaticMethod,
        SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName | SymbolDisplayParameterOptions.IncludeDefaultValue
            | SymbolDisplayParameterOptions.IncludeParamsRefOut,
        SymbolDisplayPropertyStyle.ShowReadWriteDescriptor,
        SymbolDisplayLocalOptions.None,
        SymbolDisplayKindOptions.IncludeTypeKeyword,
        SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>The pages by file name: README.md is the index, then one page a namespace.</summary>
    /// <param name="assembly">Path of the assembly; its docstrings lie beside it as .xml.</param>
    /// <exception cref="FileNotFoundException">One of the two is not there.</exception>
    public static ImmutableSortedDictionary<string, string> Of(string assembly)
    {
        var docstrings = Path.ChangeExtension(assembly, ".xml");
        foreach (var file in (string[])[assembly, docstrings])
        {
            if (!File.Exists(file))
                throw new FileNotFoundException($"'{file}' is not there; build the project first.", file);
        }

        var reference = MetadataReference.CreateFromFile(assembly, documentation: new DocstringFile(docstrings));
        var others = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Concat(Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(assembly))!, "*.dll"))
            .DistinctBy(Path.GetFileName).Where(file => Path.GetFileName(file) != Path.GetFileName(assembly) && IsManaged(file))
            .Select(file => MetadataReference.CreateFromFile(file));
        var compilation = CSharpCompilation.Create("pages", references: [reference, .. others]);
        var root = (IAssemblySymbol)compilation.GetAssemblyOrModuleSymbol(reference)!;

        var types = PublicTypes(root.GlobalNamespace).OrderBy(type => type.ToDisplayString(), StringComparer.Ordinal)
            .GroupBy(type => type.ContainingNamespace.ToDisplayString()).ToArray();
        var pages = types.ToImmutableSortedDictionary(group => group.Key + ".md", group => PageOf(group.Key, group), StringComparer.Ordinal);
        return pages.Add("README.md", IndexOf(root.Name, types));
    }

    private static bool IsManaged(string file)
    {
        using var stream = File.OpenRead(file);
        using var portable = new System.Reflection.PortableExecutable.PEReader(stream);
        return portable.PEHeaders.CorHeader is not null && portable.HasMetadata;
    }

    private static IEnumerable<INamedTypeSymbol> PublicTypes(INamespaceSymbol space) =>
        space.GetTypeMembers().Where(type => type.DeclaredAccessibility == Accessibility.Public)
            .Concat(space.GetNamespaceMembers().SelectMany(PublicTypes));

    private static string IndexOf(string assembly, IEnumerable<IGrouping<string, INamedTypeSymbol>> types)
    {
        var text = new StringBuilder($"# API of {assembly}\n\nMade from the docstrings by `infra/ApiPages`; a test fails where they say something else.\n");
        foreach (var space in types)
        {
            text.Append($"\n## [{space.Key}]({space.Key}.md)\n\n| type | what it is |\n|---|---|\n");
            foreach (var type in space)
            {
                var summary = Docstring.Of(type)?.Summary ?? "";
                text.Append($"| [{Escape(type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat))}]({space.Key}.md#{Anchor(type)}) | {summary} |\n");
            }
        }

        return text.ToString();
    }

    private static string PageOf(string space, IEnumerable<INamedTypeSymbol> types)
    {
        var text = new StringBuilder($"# {space}\n");
        foreach (var type in types)
        {
            var own = Docstring.Of(type);
            text.Append($"\n## {Escape(type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat))}\n\n");
            text.Append($"```csharp\n{KindOf(type)} {SignatureOf(type)}\n```\n\n");
            own?.WriteTo(text);
            foreach (var member in type.GetMembers().Where(member => IsShown(member) && !IsPositional(member, own)).OrderBy(member => (member.Kind, member.Name, member.GetDocumentationCommentId())))
            {
                if (Docstring.Of(member) is not { Summary.Length: > 0 } words)
                    continue;                                 // what the compiler adds to a record, and what inherits its words
                text.Append($"\n### {Escape(member is IMethodSymbol { MethodKind: MethodKind.Constructor } ? type.Name : member.Name)}\n\n");
                text.Append($"```csharp\n{member.ToDisplayString(Signature)}\n```\n\n");
                words.WriteTo(text);
            }
        }

        return text.ToString();
    }

    private static string KindOf(INamedTypeSymbol type) => type switch
    {
        { TypeKind: TypeKind.Enum } => "enum",
        { TypeKind: TypeKind.Interface } => "interface",
        { IsStatic: true } => "static class",
        { IsRecord: true, IsValueType: true } => "record struct",
        { IsRecord: true } => type.IsSealed ? "sealed record" : "record",
        { IsValueType: true } => "struct",
        _ => type.IsSealed ? "sealed class" : type.IsAbstract ? "abstract class" : "class",
    };

    // A record and its primary constructor are one line of source.
    private static string SignatureOf(INamedTypeSymbol type) =>
        (type.IsRecord ? type.InstanceConstructors.FirstOrDefault(IsPrimary) : null)?.ToDisplayString(Signature)
        ?? type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat) + BaseOf(type);

    private static bool IsPrimary(IMethodSymbol constructor) =>
        constructor.Parameters.Length > 0 && Docstring.Of(constructor)?.Summary == Docstring.Of(constructor.ContainingType)?.Summary;

    private static string BaseOf(INamedTypeSymbol type)
    {
        string[] bases =
        [
            .. type is { TypeKind: TypeKind.Class, BaseType: { SpecialType: not SpecialType.System_Object } parent } ? (string[])[parent.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)] : [],
            .. type.IsRecord ? [] : type.Interfaces.Select(each => each.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)),
        ];
        return bases.Length == 0 ? "" : $" : {string.Join(", ", bases)}";
    }

    // What a record's own line already says.
    private static bool IsPositional(ISymbol member, Docstring? own) =>
        member.ContainingType.IsRecord && (member is IMethodSymbol { MethodKind: MethodKind.Constructor } constructor && IsPrimary(constructor)
            || member is IPropertySymbol && own is not null && own.Explains(member.Name));

    private static bool IsShown(ISymbol member) => member.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected
        && member is not IMethodSymbol { MethodKind: MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.EventAdd or MethodKind.EventRemove };

    private static string Anchor(INamedTypeSymbol type) =>
        string.Concat(type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat).Where(letter => char.IsLetterOrDigit(letter) || letter == '-')).ToLowerInvariant();

    private static string Escape(string text) => text.Replace("<", "\\<", StringComparison.Ordinal);
}
