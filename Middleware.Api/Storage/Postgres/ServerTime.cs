namespace Middleware.Storage.Postgres;

/// <summary>
/// The time of the database's server, so that replicas agree on what is due and what is late, however wrong their own clocks are. Until there is a session it is the
/// local one.
/// </summary>
internal sealed class ServerTime : TimeProvider
{
    private volatile PostgresClock? _server;

    public override DateTimeOffset GetUtcNow() => _server?.Now ?? base.GetUtcNow();

    /// <summary>Goes by the clock of another session.</summary>
    public void Follow(PostgresClock server) => _server = server;
}
