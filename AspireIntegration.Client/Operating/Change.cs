namespace AspireIntegration.Client.Operating;

/// <summary>
/// A member of a patch. The default leaves the member as it is. A value, null among them, sets it. A value converts by itself:
/// <c>new EndpointPatch { Workers = 5, Proxy = null }</c>.
/// </summary>
public readonly record struct Change<T>
{
    /// <summary>Sets the member.</summary>
    public Change(T value) => (IsSet, Value) = (true, value);

    /// <summary>True when the patch sets the member.</summary>
    public bool IsSet { get; }

    /// <summary>The value that it is set to.</summary>
    public T Value { get; }

    /// <summary>Sets the member.</summary>
    public static implicit operator Change<T>(T value) => new(value);
}
