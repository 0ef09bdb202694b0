namespace Aspire.Hosting.ApplicationModel;

/// <summary>Something whose value is known only when the application starts.</summary>
public interface IValueProvider
{
    /// <summary>Gives the value; throws <see cref="DistributedApplicationException"/> if there is none where one is needed.</summary>
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);
}
