using Tests.Middleware.Crash;
using Tests.Middleware.Storage.Postgres;

namespace Tests.Middleware.Storage.Copying;

/// <summary>The time of a large copy. Run by hand: <c>-explicit only</c>.</summary>
[RunsNatively]
public sealed class CopyingAMillionEvents : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Explicit = true)]
    public async Task A_million_events_of_a_kibibyte_with_an_attempt_each_are_copied()
    {
        const int Events = 1_000_000;
        await CopyStage.Fill(_folder.Path, Events, payloadBytes: 1_024);
        await using var database = await PostgresDatabase.CreateAsync();

        var (code, output, errors) = await CopyStage.Copy(_folder.Path, database.ConnectionString());

        CrashStage.Say($"{errors}\n{output}");
        Assert.Equal(0, code);
        Assert.Equal(Events, await database.ScalarAsync<long>("SELECT COUNT(*) FROM events"));
    }
}
