using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Bench.Profile;

/// <summary>A method with its reference, the name that it is sorted by, and the assemblies that its profile needs, its own first.</summary>
internal sealed record ProfiledMethod(EntityHandle Handle, string Name, string[] Assemblies);

/// <summary>The references to the types and methods that a trace has by their ids; null where the profile cannot refer to one.</summary>
internal sealed class ProfileTypes(ProfileTrace trace, ProfileMetadata metadata)
{
    private readonly Dictionary<string, ProfileModule> _modules = [];
    private readonly Dictionary<long, EntityHandle?> _types = [];
    private readonly Dictionary<long, EntityHandle?> _methods = [];

    public EntityHandle? Type(long id) => _types.Once(id, () => Type(id, []));

    public EntityHandle? Method(long id) => _methods.Once(id, () => Method(id, [])?.Handle);

    public ProfiledMethod? Profiled(long id)
    {
        var assemblies = new SortedSet<string>(StringComparer.Ordinal);
        if (Method(id, assemblies) is not var (handle, module, name))
        {
            return null;
        }

        assemblies.Remove(module.Name);
        return new(handle, name, [module.Name, .. assemblies]);
    }

    private (EntityHandle Handle, ProfileModule Module, string Name)? Method(long id, SortedSet<string> assemblies)
    {
        if (!trace.Methods.TryGetValue(id, out var method)
            || !trace.Types.TryGetValue(method.Type, out var owner) || owner.IsArray || Module(owner.Module) is not { } module)
        {
            return null;
        }

        // The runtime's stubs have no definition; and a module that was built anew since has others.
        var token = MetadataTokens.EntityHandle(method.Token);
        if (token.Kind != HandleKind.MethodDefinition || token.IsNil || MetadataTokens.GetRowNumber(token) > module.Reader.MethodDefinitions.Count)
        {
            return null;
        }

        var definition = module.Reader.GetMethodDefinition((MethodDefinitionHandle)token);
        if (MetadataTokens.GetToken(definition.GetDeclaringType()) != owner.Token || Type(method.Type, assemblies) is not { } type)
        {
            return null;
        }

        var handle = metadata.Member(type, module, definition);
        if (definition.GetGenericParameters().Count != method.Parameters.Length)
        {
            return null;
        }

        if (method.Parameters.Length > 0)
        {
            var signature = new BlobBuilder();
            new BlobEncoder(signature).MethodSpecificationSignature(method.Parameters.Length);
            if (!Write(method.Parameters, signature, assemblies))
            {
                return null;
            }

            handle = metadata.Instance(handle, signature);
        }

        var name = $"{module.FullName(module.Reader.GetTypeDefinition(definition.GetDeclaringType()))}::{module.Reader.GetString(definition.Name)}";
        return (handle, module, name);
    }

    private EntityHandle? Type(long id, SortedSet<string> assemblies)
    {
        if (!trace.Types.TryGetValue(id, out var type))
        {
            return null;
        }

        if (type.Parameters.Length > 0 || type.IsArray)
        {
            var signature = new BlobBuilder();
            return Write(id, signature, assemblies) ? metadata.Specification(signature) : null;
        }

        return Definition(type, assemblies) is var (module, handle, definition) && definition.GetGenericParameters().Count == 0
            ? metadata.Type(module, handle) : null;
    }

    private bool Write(long[] ids, BlobBuilder to, SortedSet<string> assemblies) => ids.All(id => Write(id, to, assemblies));

    /// <summary>Writes the signature of a type, and notes its assemblies.</summary>
    private bool Write(long id, BlobBuilder to, SortedSet<string> assemblies)
    {
        if (!trace.Types.TryGetValue(id, out var type))
        {
            return false;
        }

        switch ((SignatureTypeCode)type.ElementType)
        {
            case SignatureTypeCode.FunctionPointer or SignatureTypeCode.GenericTypeParameter or SignatureTypeCode.GenericMethodParameter:
                return false;
            case SignatureTypeCode.Array:
                return WriteArray(type, to, assemblies);
            case SignatureTypeCode.ByReference or SignatureTypeCode.Pointer:
                to.WriteByte(type.ElementType);
                return Write(type.Parameters[0], to, assemblies);
            case SignatureTypeCode.SZArray:
            case var _ when type.IsArray:
                to.WriteByte((byte)SignatureTypeCode.SZArray);
                return Write(type.Parameters[0], to, assemblies);
        }

        if (Definition(type, assemblies) is not var (module, handle, definition))
        {
            return false;
        }

        if (type.Parameters.Length == 0)
        {
            if (definition.GetGenericParameters().Count > 0)
            {
                return false;
            }

            if (module.PrimitiveCode(definition) is { } code)
            {
                to.WriteByte((byte)code);
                return true;
            }
        }
        else
        {
            to.WriteByte((byte)SignatureTypeCode.GenericTypeInstance);
        }

        to.WriteByte((byte)(module.IsValue(definition) ? SignatureTypeKind.ValueType : SignatureTypeKind.Class));
        to.WriteCompressedInteger(CodedIndex.TypeDefOrRefOrSpec(metadata.Type(module, handle)));
        if (type.Parameters.Length > 0)
        {
            to.WriteCompressedInteger(type.Parameters.Length);
        }

        return Write(type.Parameters, to, assemblies);
    }

    /// <summary>Writes an array of a rank, without sizes and lower bounds.</summary>
    private bool WriteArray(TracedType type, BlobBuilder to, SortedSet<string> assemblies)
    {
        to.WriteByte((byte)SignatureTypeCode.Array);
        var isWritten = Write(type.Parameters[0], to, assemblies);
        to.WriteCompressedInteger(type.Rank);
        to.WriteCompressedInteger(0);
        to.WriteCompressedInteger(0);
        return isWritten;
    }

    private (ProfileModule Module, EntityHandle Handle, TypeDefinition Definition)? Definition(TracedType type, SortedSet<string> assemblies)
    {
        if (Module(type.Module) is not { } module)
        {
            return null;
        }

        assemblies.Add(module.Name);
        var handle = MetadataTokens.EntityHandle(type.Token);
        return handle.Kind == HandleKind.TypeDefinition && !handle.IsNil ? (module, handle, module.Reader.GetTypeDefinition((TypeDefinitionHandle)handle)) : null;
    }

    /// <summary>A module that has a file; others were made at run time.</summary>
    private ProfileModule? Module(long id) =>
        trace.Modules.TryGetValue(id, out var path) && File.Exists(path) ? _modules.Once(path, () => new ProfileModule(path)) : null;
}
