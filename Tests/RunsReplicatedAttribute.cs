using System.Globalization;
using Xunit.v3;

namespace Tests;

/// <summary>
/// Marks tests of what the AppHost runs. <c>.ci/replicas</c> runs them once more with replicas of the middleware on PostgreSQL: <c>APPHOST_REPLICAS</c> is
/// their number.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RunsReplicatedAttribute : Attribute, ITraitAttribute
{
    /// <summary>The number of the middleware's processes.</summary>
    internal static int Replicas { get; } =
        Environment.GetEnvironmentVariable("APPHOST_REPLICAS") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 1;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Runs", "replicated")];
}
