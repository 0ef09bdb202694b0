using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;

namespace Bench.Profile;

/// <summary>A module of the traced process, read from its file.</summary>
internal sealed class ProfileModule
{
    private const string CoreLibrary = "System.Private.CoreLib";

    public ProfileModule(string path)
    {
        Reader = new PEReader(ImmutableCollectionsMarshal.AsImmutableArray(File.ReadAllBytes(path))).GetMetadataReader();
        Name = Reader.GetString(Reader.GetAssemblyDefinition().Name);
    }

    public MetadataReader Reader { get; }

    public string Name { get; }

    /// <summary>A type by which the runtime shares code of all reference types.</summary>
    public bool IsCanon(TypeDefinition type) => Name == CoreLibrary && Reader.GetString(type.Name) == "__Canon";

    /// <summary>The one byte of a signature that stands for a type of the core library, if there is one.</summary>
    public PrimitiveTypeCode? PrimitiveCode(TypeDefinition type) =>
        Name == CoreLibrary && Reader.GetString(type.Namespace) == "System"
            && Enum.TryParse<PrimitiveTypeCode>(Reader.GetString(type.Name), out var code) ? code : null;

    /// <summary>Whether a signature has a type as a value: an enumeration or a structure.</summary>
    public bool IsValue(TypeDefinition type)
    {
        var parent = type.BaseType.IsNil ? "" : type.BaseType.Kind switch
        {
            HandleKind.TypeReference => FullName(Reader.GetTypeReference((TypeReferenceHandle)type.BaseType)),
            HandleKind.TypeDefinition => FullName(Reader.GetTypeDefinition((TypeDefinitionHandle)type.BaseType)),
            _ => "",
        };
        return parent is "System.ValueType" or "System.Enum" && Reader.GetString(type.Name) != "Enum";
    }

    public string FullName(TypeDefinition type) => FullName(type.Namespace, type.Name);

    private string FullName(TypeReference type) => FullName(type.Namespace, type.Name);

    private string FullName(StringHandle space, StringHandle name) => $"{Reader.GetString(space)}.{Reader.GetString(name)}";
}
