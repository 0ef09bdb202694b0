using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.ApplicationModel;

internal sealed class ConfiguredConnectionString(string name, IConfiguration configuration, string? environmentVariable)
    : Resource(name), IResourceWithConnectionString
{
    public string? ConnectionStringEnvironmentVariable => environmentVariable;

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<string?>(configuration.GetConnectionString(Name) ?? throw new DistributedApplicationException(
            $"The connection string '{Name}' is missing; configure ConnectionStrings:{Name}."));

    internal bool IsConfigured => configuration.GetConnectionString(Name) is not null;
}
