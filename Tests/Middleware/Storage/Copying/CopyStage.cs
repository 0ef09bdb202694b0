using System.Globalization;
using Tests.Middleware.Crash;

namespace Tests.Middleware.Storage.Copying;

/// <summary>The folder of a service, and the command that copies its store.</summary>
internal static class CopyStage
{
    public static ServiceProcess Begin(string folder, string connection) => ServiceProcess.Begin("Middleware.Api", Settings(connection), Words(folder));

    /// <summary>Copies, and gives the exit code and the lines.</summary>
    public static Task<(int Code, string Output, string Errors)> Copy(string folder, string? connection, params string[] words) =>
        ServiceProcess.RunAsync(Settings(connection), [.. Words(folder), .. words]);

    /// <summary>Leaves a store with events of three days, each tried once and still pending.</summary>
    public static async Task Fill(string folder, int events, int payloadBytes)
    {
        using (var service = await ServiceProcess.StartAsync("Middleware.Api", $"DATA_DIR={folder}", "EXTERNAL_ENDPOINT_URL=http://127.0.0.1:2/"))
        {
            Assert.Equal(0, await service.StopAsync());
        }

        StoredFile.Execute(folder, string.Create(
            CultureInfo.InvariantCulture,
            $"""
            BEGIN;
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {events})
            INSERT INTO events (seq, id, correlation_id, source, event_type, priority, accepted_at, endpoints, payload)
            SELECT i, randomblob(16), 'correlation-' || i, 'tests', 'made', 0, 1767225600000000 + i * (172800000000 / {events}), 1, randomblob({payloadBytes}) FROM n;
            INSERT INTO endpoints (id) VALUES ('gone') ON CONFLICT DO NOTHING;
            INSERT INTO pending (endpoint, priority, seq, tries) SELECT (SELECT no FROM endpoints WHERE id = 'gone'), 0, seq, 1 FROM events;
            INSERT INTO attempts (seq, endpoint, number, started_at, duration, status, reason)
            SELECT seq, (SELECT no FROM endpoints WHERE id = 'gone'), 1, accepted_at, 1000, 500, 'http_500' FROM events;
            COMMIT
            """));
    }

    private static string[] Settings(string? connection) => connection is null ? [] : [$"ConnectionStrings__events={connection}"];

    private static string[] Words(string folder) => ["store", "copy", "--from", folder];
}
