using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Local;

/// <summary>The resources, their states and where they listen, as text.</summary>
internal static class StartTable
{
    public static string Render(IEnumerable<(IResource Resource, CustomResourceSnapshot? Snapshot)> resources)
    {
        List<(string Name, string State, string Urls)> rows = [("Resource", "State", "URLs"), .. resources.Select(Row)];
        var name = rows.Max(row => row.Name.Length);
        var state = rows.Max(row => row.State.Length);
        var table = new StringBuilder();
        foreach (var row in rows)
        {
            table.AppendLine($"  {row.Name.PadRight(name)}  {row.State.PadRight(state)}  {row.Urls}".TrimEnd());
        }

        return table.ToString();
    }

    private static (string Name, string State, string Urls) Row((IResource Resource, CustomResourceSnapshot? Snapshot) entry) => (
        entry.Resource.Name,
        State(entry.Snapshot),
        string.Join(' ', entry.Resource.Annotations.OfType<EndpointAnnotation>()
            .Where(endpoint => endpoint.AllocatedPort is not null)
            .Select(endpoint => $"{endpoint.Scheme}://localhost:{endpoint.AllocatedPort}")));

    private static string State(CustomResourceSnapshot? snapshot) => snapshot switch
    {
        null => KnownResourceStates.NotStarted,
        { HealthStatus: { } health, HasEnded: false } => $"{snapshot.State?.Text}, {health}",
        { ExitCode: { } code } => $"{snapshot.State?.Text} ({code})",
        _ => snapshot.State?.Text ?? KnownResourceStates.NotStarted,
    };
}
