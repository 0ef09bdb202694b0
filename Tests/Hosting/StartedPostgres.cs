using System.Globalization;

namespace Tests.Hosting;

/// <summary>The process of the PostgreSQL server that an AppHost has started.</summary>
internal sealed class StartedPostgres(string data)
{
    private readonly int _process = int.Parse(File.ReadLines(Path.Combine(data, "postgres", "store", "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    /// <summary>False once it has ended. A busy machine leaves it no time for a clean stop: then its file stays.</summary>
    public bool Runs => File.Exists($"/proc/{_process}/exe");
}
