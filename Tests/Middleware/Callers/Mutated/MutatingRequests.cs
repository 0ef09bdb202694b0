using System.Globalization;

namespace Tests.Middleware.Callers.Mutated;

/// <summary>
/// Mutated requests to every route by every kind of caller: half of them made of the document, half of them bytes on a connection. <c>MUTATED_REQUESTS</c>
/// is their number (2,500 when not given), and <c>MUTATED_SEED</c> the seed (1 when not given).
/// </summary>
public class MutatingRequests
{
    private const int Few = 2_500;
    private const double MostMegabytes = 700;

    private static readonly int Requests = Setting("MUTATED_REQUESTS", Few);
    private static readonly int Seed = Setting("MUTATED_SEED", 1);

    [Fact]
    [RunsNatively]
    public async Task None_is_answered_with_a_fault_or_with_what_its_caller_may_not_see()
    {
        await using var stage = await MutationStage.StartAsync();
        await stage.SeedAsync();
        var before = stage.Connections;
        using var run = new MutationRun(stage, await stage.DocumentAsync(), Seed);

        while (run.Sent < Requests)
        {
            await run.RoundAsync(Requests);
        }

        await stage.IsAliveAsync();
        await Waiting.Until(() => stage.Connections <= before);
        var peak = stage.Process.PeakMegabytes;
        Report(run.Judge, run.Sent, peak);

        Assert.True(run.Judge.Faults.Count + run.Described.Faults.Count == 0, string.Join('\n', run.Judge.Faults.Values.Concat(run.Described.Faults.Values)));
        await stage.StopAsync();
        Assert.InRange(peak, 0, MostMegabytes);

        // So that nothing passes for want of what is looked for.
        Assert.Equal(["all", "payloads:read"], run.Judge.SawPayloads.Order());
        Assert.Equal(["all", "endpoints:write"], run.Judge.SawQueries.Order());
        Assert.All(run.Targets, target => Assert.Contains(run.Judge.Counts, count => count.Key.Route == target.Name));
    }

    private static int Setting(string name, int other) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : other;

    /// <summary>Writes the counts to the test's output.</summary>
    private static void Report(AnswerJudge judge, int sent, double peak)
    {
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sent} requests of seed {Seed}, {peak:0} MB at most"));
        Table("status", static key => $"{key.Kind} {key.Status?.ToString(CultureInfo.InvariantCulture) ?? "none"}");
        Table("caller and status", static key => $"{key.Caller} {key.Status?.ToString(CultureInfo.InvariantCulture) ?? "none"}");
        Table("route", static key => key.Route);

        void Table(string title, Func<(string Kind, string Caller, string Route, int? Status), string> of)
        {
            output.WriteLine($"by {title}: " + string.Join(", ", judge.Counts.GroupBy(count => of(count.Key), static count => count.Value)
                .OrderBy(static group => group.Key, StringComparer.Ordinal).Select(static group => $"{group.Key} {group.Sum()}")));
        }
    }
}
