namespace Middleware.Http;

/// <summary>The members of a request, as the contract describes them.</summary>
/// <param name="Name">The name of the schema.</param>
/// <param name="Text">Its description.</param>
/// <param name="Read">Asks a reader for each member; the reader notes them.</param>
internal sealed record RequestShape(string Name, string Text, Action<IServiceProvider, RequestReader> Read)
{
    /// <summary>True for a merge patch, in which no member is required.</summary>
    public bool IsPatch { get; init; }
}

/// <summary>A member of a request, as it is read and as the contract describes it.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Type">Its type in JSON.</param>
/// <param name="Text">Its description.</param>
internal sealed record RequestMember(string Name, string Type, string Text)
{
    /// <summary>The fault when it is missing; null for an optional member.</summary>
    public string? WhenMissing { get; init; }

    /// <summary>A regular expression (ECMA-262) that it meets; null for any.</summary>
    public string? Pattern { get; init; }

    public string? Format { get; init; }

    /// <summary>In characters; null for no limit.</summary>
    public int? MaxLength { get; init; }

    public double? Min { get; init; }

    public double? Max { get; init; }

    /// <summary>Null where the caller decides.</summary>
    public int? Default { get; init; }

    /// <summary>The most entries of a list; null for no limit.</summary>
    public int? MaxItems { get; init; }

    /// <summary>The enum of which it is a value; null for none.</summary>
    public Type? Enum { get; init; }

    /// <summary>An entry of a list, or a value of an object with any names; null for another member.</summary>
    public RequestMember? Entry { get; init; }

    /// <summary>True for an entry that may be null.</summary>
    public bool MayBeNull { get; init; }

    /// <summary>An object that may be given in its place; null for none.</summary>
    public RequestShape? Or { get; init; }

    /// <summary>The members of an object; null for another member.</summary>
    public RequestShape? Shape { get; init; }
}
