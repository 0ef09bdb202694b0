using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Bench.Profile;

/// <summary>The metadata of a profile: references to the types and methods of other modules, each once, and methods whose IL is the profile.</summary>
internal sealed class ProfileMetadata
{
    private const int EvaluationStack = 8;

    // The same trace gives the same bytes.
    private static readonly Guid Version = new("b6e6b1d4-50a5-4b0f-9a55-2b1ad7a7b7de");
    private static readonly Version NoVersion = new(0, 0, 0, 0);

    private readonly MetadataBuilder _metadata = new();
    private readonly BlobBuilder _il = new();
    private readonly MethodBodyStreamEncoder _bodies;
    private readonly BlobHandle _signature;
    private readonly EntityHandle _canon;
    private readonly Dictionary<string, EntityHandle> _references = [];

    public ProfileMetadata(string name)
    {
        _bodies = new(_il);
        _metadata.AddModule(0, _metadata.GetOrAddString(name), _metadata.GetOrAddGuid(Version), default, default);
        _metadata.AddAssembly(_metadata.GetOrAddString(name), NoVersion, default, default, default, AssemblyHashAlgorithm.None);
        var scope = _metadata.AddAssemblyReference(_metadata.GetOrAddString("System.Private.Canon"), NoVersion, default, default, default, default);
        _canon = _metadata.AddTypeReference(scope, _metadata.GetOrAddString("System"), _metadata.GetOrAddString("__Canon"));
        _metadata.AddTypeDefinition(
            default, default, _metadata.GetOrAddString("<Module>"), default, MetadataTokens.FieldDefinitionHandle(1), MetadataTokens.MethodDefinitionHandle(1));
        var signature = new BlobBuilder();
        new BlobEncoder(signature).MethodSignature().Parameters(0, static result => result.Void(), static _ => { });
        _signature = _metadata.GetOrAddBlob(signature);
    }

    public UserStringHandle Text(string text) => _metadata.GetOrAddUserString(text);

    public MethodDefinitionHandle AddMethod(string name, InstructionEncoder il) => _metadata.AddMethodDefinition(
        MethodAttributes.Public | MethodAttributes.Static, MethodImplAttributes.IL, _metadata.GetOrAddString(name), _signature,
        _bodies.AddMethodBody(il, EvaluationStack), default);

    public byte[] ToBytes()
    {
        var file = new ManagedPEBuilder(
            new PEHeaderBuilder(), new MetadataRootBuilder(_metadata), _il, deterministicIdProvider: static _ => new BlobContentId(Version, 0x04030201));
        var bytes = new BlobBuilder();
        file.Serialize(bytes);
        return bytes.ToArray();
    }

    /// <summary>A type that a module defines, refers to or specifies.</summary>
    public EntityHandle Type(ProfileModule module, EntityHandle type)
    {
        var reader = module.Reader;
        switch (type.Kind)
        {
            case HandleKind.TypeDefinition:
                var definition = reader.GetTypeDefinition((TypeDefinitionHandle)type);
                var outer = definition.GetDeclaringType();
                return module.IsCanon(definition) ? _canon
                    : Type(outer.IsNil ? Assembly(module) : Type(module, outer), reader.GetString(definition.Namespace), reader.GetString(definition.Name));
            case HandleKind.TypeReference:
                var reference = reader.GetTypeReference((TypeReferenceHandle)type);
                var scope = reference.ResolutionScope.Kind switch
                {
                    HandleKind.AssemblyReference => Assembly(reader, reader.GetAssemblyReference((AssemblyReferenceHandle)reference.ResolutionScope)),
                    HandleKind.TypeReference => Type(module, reference.ResolutionScope),
                    _ => Assembly(module),
                };
                return Type(scope, reader.GetString(reference.Namespace), reader.GetString(reference.Name));
            default:
                var signature = new SignatureCopy(this, module, reader.GetTypeSpecification((TypeSpecificationHandle)type).Signature);
                return Specification(signature.OfType());
        }
    }

    public EntityHandle Specification(BlobBuilder signature) =>
        Once($"type {Hex(signature)}", () => _metadata.AddTypeSpecification(_metadata.GetOrAddBlob(signature)));

    public EntityHandle Member(EntityHandle type, ProfileModule module, MethodDefinition method)
    {
        var signature = new SignatureCopy(this, module, method.Signature).OfMethod();
        var name = module.Reader.GetString(method.Name);
        return Once(
            $"member {Number(type)} {name} {Hex(signature)}",
            () => _metadata.AddMemberReference(type, _metadata.GetOrAddString(name), _metadata.GetOrAddBlob(signature)));
    }

    public EntityHandle Instance(EntityHandle method, BlobBuilder signature) =>
        Once($"method {Number(method)} {Hex(signature)}", () => _metadata.AddMethodSpecification(method, _metadata.GetOrAddBlob(signature)));

    private EntityHandle Type(EntityHandle scope, string space, string name) => Once(
        $"{Number(scope)} {space} {name}",
        () => _metadata.AddTypeReference(scope, space.Length == 0 ? default : _metadata.GetOrAddString(space), _metadata.GetOrAddString(name)));

    private EntityHandle Assembly(ProfileModule module)
    {
        var definition = module.Reader.GetAssemblyDefinition();
        return Assembly(module.Name, definition.Version, definition.PublicKey.IsNil ? [] : definition.GetAssemblyName().GetPublicKeyToken() ?? []);
    }

    private EntityHandle Assembly(MetadataReader reader, AssemblyReference reference) =>
        Assembly(reader.GetString(reference.Name), reference.Version, reader.GetBlobBytes(reference.PublicKeyOrToken));

    private EntityHandle Assembly(string name, Version version, byte[] token) => Once(
        $"assembly {name}",
        () => _metadata.AddAssemblyReference(
            _metadata.GetOrAddString(name), version, default, token.Length == 0 ? default : _metadata.GetOrAddBlob(token), default, default));

    private EntityHandle Once(string key, Func<EntityHandle> add) => _references.Once(key, add);

    private static string Number(EntityHandle handle) => $"{MetadataTokens.GetToken(handle):x}";

    private static string Hex(BlobBuilder signature) => Convert.ToHexString(signature.ToArray());
}
