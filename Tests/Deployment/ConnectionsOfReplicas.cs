using System.Globalization;
using System.Text.RegularExpressions;
using Middleware.Storage.Postgres;
using Tests.Words;

namespace Tests.Deployment;

/// <summary>The connections that each place has for a replica, with which people set <c>max_connections</c>.</summary>
public sealed partial class ConnectionsOfReplicas
{
    [Theory]
    [InlineData("docs/postgresql.md")]
    [InlineData("docs/capacity.md")]
    [InlineData("docs/deploy/azure.md")]
    [InlineData("docs/deploy/kubernetes.md")]
    [InlineData("deploy/kubernetes/overlays/postgres/horizontal-pod-autoscaler.yaml")]
    public void They_are_those_that_a_replica_takes(string path)
    {
        var said = Connections().Matches(File.ReadAllText(Path.Combine(Prose.Root, path))).Select(static match => match.Groups[1].Value + match.Groups[2].Value + match.Groups[3].Value);

        Assert.Equal([PostgresSettings.ConnectionsOfReplica.ToString(CultureInfo.InvariantCulture)], said.Distinct());
    }

    [GeneratedRegex(@"up to (\d+) (?:connections|for each replica)|needs (\d+) connections|(\d+) × replicas")]
    private static partial Regex Connections();
}
