namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that is configured from outside, under <c>Parameters:name</c>.</summary>
public sealed class ParameterResource : Resource, IValueProvider
{
    private readonly Func<string?> _value;

    internal ParameterResource(string name, Func<string?> value, bool secret)
        : base(name)
    {
        _value = value;
        Secret = secret;
    }

    /// <summary>Whether the value must not be shown.</summary>
    public bool Secret { get; }

    /// <inheritdoc />
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<string?>(_value() ?? throw new DistributedApplicationException(
            $"The parameter '{Name}' has no value; configure Parameters:{Name}."));
}
