using System.Text;
using Tests.Middleware.Storage.AtRest;
using Tests.Middleware.Streaming;

namespace Tests.Middleware.Leaks;

/// <summary>A canary for each secret: each place is looked through for all of them, and has those that it may have.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class LeakingNothing
{
    private static readonly string[] OfPayloads = ["payload", "response"];

    /// <summary>Secrets of endpoints, which the store must have to send.</summary>
    private static readonly string[] OfEndpoints =
        ["bearer token", "client secret", "header value", "password", "private key", "query of a URL", "query of a token URL", "signing secret"];

    /// <summary>The canaries that the answers to the holder of a scope have.</summary>
    private static readonly Dictionary<string, string[]> Shown = new()
    {
        ["events:write"] = [],
        ["events:read"] = [],
        ["payloads:read"] = OfPayloads,
        ["endpoints:write"] = ["query of a URL", "query of a token URL"],
        ["operate"] = [],
        ["admin"] = [],
        ["metrics"] = [],
    };

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_place_has_a_secret_that_does_not_belong_there(bool encrypted)
    {
        await using var stage = await LeakStage.StartAsync(encrypted);
        var canaries = stage.Canaries;
        var exercised = await Exercised.RunAsync(stage);
        await Faults.MakeAsync(stage, exercised);

        // What the receivers got shows that the search finds, in base64 and in URLs too.
        Assert.Equal(
            ["access token", "bearer token", "client secret", "header value", "password", "payload", "query of a URL", "query of a token URL", "secret in a file"],
            canaries.In(stage.Received));

        string[] stored = encrypted ? [] : [.. OfPayloads.Concat(OfEndpoints).Order(StringComparer.Ordinal)];
        var backups = stage.Backups();
        Assert.All(backups, static backup => Assert.True(IsSeen(backup)));
        Assert.All(backups, backup => Assert.Equal(stored, canaries.In([backup])));

        foreach (var (scope, expected) in Shown)
        {
            Assert.Equal((scope, string.Join(", ", expected)), (scope, string.Join(", ", canaries.In(await AnswersAsync(stage, exercised, scope)))));
        }

        Assert.Equal(stored, await stage.KillAndLookAsync());
        await exercised.EraseAsync();
        await Waiting.SeeAsync(
            () => Task.FromResult(string.Join(", ", canaries.In(Canary.Files(stage.Folder)))),
            left => left == string.Join(", ", encrypted ? [] : OfEndpoints.Order(StringComparer.Ordinal)),
            "payloads and responses are gone");
        await stage.StopAsync();

        var leaks = stage.Lines.Where(line => canaries.In(line) is not []).ToList();
        Assert.True(leaks.Count == 0, string.Join('\n', leaks));

        Assert.Contains(stage.Lines, static line => line.Contains(LeakStage.Seen, StringComparison.Ordinal));
        Assert.Contains(stage.Lines, static line => line.Contains("\"level\":\"trace\"", StringComparison.Ordinal));
        var exports = stage.Exports.GroupBy(static export => export.Path, static export => export.Body).ToDictionary(static group => group.Key, static group => group.ToList());
        Assert.Equal(["/v1/logs", "/v1/metrics", "/v1/traces"], exports.Keys.Order(StringComparer.Ordinal));
        Assert.All((string[])["/v1/logs", "/v1/traces"], path => Assert.Contains(exports[path], IsSeen));
        Assert.All(exports, export => Assert.Equal((export.Key, ""), (export.Key, string.Join(", ", canaries.In(export.Value)))));
    }

    /// <summary>True for a file or an export with something of the requests in plain text.</summary>
    private static bool IsSeen(byte[] bytes) => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(LeakStage.Seen)) >= 0;

    /// <summary>The answers to all that can be read, and to all that does nothing lasting.</summary>
    private static async Task<List<string>> AnswersAsync(LeakStage stage, Exercised exercised, string scope)
    {
        var contract = await stage.GetAsync("/openapi/v1.json");
        var paths =
            from path in contract["paths"]!.AsObject()
            where path.Value!["get"] is not null
            select exercised.Ids.Aggregate(path.Key, static (text, id) => text.Replace(id.Key, id.Value, StringComparison.Ordinal));
        var answers = new List<string>();
        foreach (var path in paths.Concat(["/api/v1/audit?limit=100", "/metrics", "/health", "/openapi/v1.json", "/docs", $"/api/v1/events?q={Uri.EscapeDataString(exercised.Payload)}"]))
        {
            Assert.DoesNotContain("{", path, StringComparison.Ordinal);
            answers.Add(path == EventStream.Path
                ? await stage.FollowAsync(exercised.KeyOf[scope], Exercised.LastType)
                : (await stage.SendAsync(exercised.KeyOf[scope], HttpMethod.Get, path)).Text);
        }

        answers.Add((await stage.SendAsync(exercised.KeyOf[scope], HttpMethod.Post, $"/api/v1/endpoints/{exercised.Ids["{endpoint_id}"]}/test")).Text);
        return answers;
    }
}
