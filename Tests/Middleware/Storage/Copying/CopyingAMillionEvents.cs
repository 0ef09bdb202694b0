using Tests.Middleware.Crash;
using Tests.Middleware.Storage.Postgres;

namespace Tests.Middleware.Storage.Copying;

/// <summary>The time of a large copy. Run by hand: <c>-explicit only</c>.</summary>
[RunsNatively]
public sealed class CopyingAMillionEvents : InAFolder
{
    [Fact(Explicit = true)]
    public async Task A_million_events_of_a_kibibyte_with_an_attempt_each_are_copied()
    {
        const int Events = 1_000_000;
        await CopyStage.Fill(Folder.Path, Events, payloadBytes: 1_024);
        await using var database = await PostgresDatabase.CreateAsync();

        var (code, output, errors) = await CopyStage.Copy(Folder.Path, database.ConnectionString());

        CrashStage.Say($"{errors}\n{output}");
        Assert.Equal(0, code);
        Assert.Equal(Events, await database.ScalarAsync<long>("SELECT COUNT(*) FROM events"));
    }
}
