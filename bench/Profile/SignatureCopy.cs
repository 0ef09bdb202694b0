using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Bench.Profile;

/// <summary>A copy of a module's signature, in which the profile's references stand for the module's.</summary>
internal ref struct SignatureCopy(ProfileMetadata metadata, ProfileModule module, BlobHandle signature)
{
    private readonly BlobBuilder _to = new();
    private BlobReader _from = module.Reader.GetBlobReader(signature);

    public BlobBuilder OfType()
    {
        Type();
        return _to;
    }

    public BlobBuilder OfMethod()
    {
        Method();
        return _to;
    }

    private void Method()
    {
        var header = _from.ReadSignatureHeader();
        _to.WriteByte(header.RawValue);
        if (header.IsGeneric)
        {
            Number();
        }

        // The result is one more.
        Types(Number() + 1);
    }

    private void Types(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Type();
        }
    }

    private void Type()
    {
        while (true)
        {
            var code = _from.ReadByte();
            _to.WriteByte(code);
            switch ((SignatureTypeCode)code)
            {
                case SignatureTypeCode.RequiredModifier or SignatureTypeCode.OptionalModifier:
                    Reference();
                    continue;
                case SignatureTypeCode.Sentinel or SignatureTypeCode.Pinned:
                case SignatureTypeCode.ByReference or SignatureTypeCode.Pointer or SignatureTypeCode.SZArray:
                    continue;
                case (SignatureTypeCode)SignatureTypeKind.Class or (SignatureTypeCode)SignatureTypeKind.ValueType:
                    Reference();
                    return;
                case SignatureTypeCode.GenericTypeParameter or SignatureTypeCode.GenericMethodParameter:
                    Number();
                    return;
                case SignatureTypeCode.Array:
                    Type();
                    Shape();
                    return;
                case SignatureTypeCode.GenericTypeInstance:
                    Type();
                    Types(Number());
                    return;
                case SignatureTypeCode.FunctionPointer:
                    Method();
                    return;
                default:
                    return;
            }
        }
    }

    /// <summary>Copies the rank of an array, its sizes and its lower bounds.</summary>
    private void Shape()
    {
        Number();
        for (var sizes = Number(); sizes > 0; sizes--)
        {
            Number();
        }

        for (var bounds = Number(); bounds > 0; bounds--)
        {
            _to.WriteCompressedSignedInteger(_from.ReadCompressedSignedInteger());
        }
    }

    private int Number()
    {
        var number = _from.ReadCompressedInteger();
        _to.WriteCompressedInteger(number);
        return number;
    }

    private void Reference() => _to.WriteCompressedInteger(CodedIndex.TypeDefOrRefOrSpec(metadata.Type(module, _from.ReadTypeHandle())));
}
