namespace Aspire.Hosting.ApplicationModel;

internal sealed class EnvironmentAnnotation(Func<IDictionary<string, string>, CancellationToken, ValueTask> apply) : IResourceAnnotation
{
    public EnvironmentAnnotation(string name, IValueProvider value)
        : this(async (environment, cancellationToken) =>
            environment[name] = await value.GetValueAsync(cancellationToken) ?? string.Empty)
    {
    }

    public ValueTask ApplyAsync(IDictionary<string, string> environment, CancellationToken cancellationToken) =>
        apply(environment, cancellationToken);
}
