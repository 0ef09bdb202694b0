using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Replicas;

/// <summary>The states of lanes, seen from a replica that does not serve them.</summary>
[Trait("Speed", "Slow")]
public sealed class SharingStates() : OnReplicas(2, ("AUTO_DISABLE_AFTER", "1h"))
{
    private MiddlewareService _owner = null!;
    private MiddlewareService _other = null!;
    private string _path = null!;
    private string _id = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _id = (string)(await All[0].Create("""{"name":"pager","url":"http://127.0.0.1:2/hook","workers":20}"""))["id"]!;
        _path = $"{ServiceRequests.Endpoints}/{_id}";
        foreach (var replica in All)
        {
            replica.Receiver.Answer = static _ => Made.Attempt(503, FailureReason.FromStatus(503)) with { StartedAt = TimeProvider.System.GetUtcNow() };
        }

        // With both there, and each with its share, lanes stay where they are.
        await Waiting.Until(async () => (await All[0].Get("/api/v1/replicas"))["items"]!.AsArray() is [var one, var two] && (int)one!["slots"]! > 0 && (int)two!["slots"]! > 0
            && (int)one["slots"]! + (int)two["slots"]! == 256);
        await All[0].Accept();
        await Waiting.Until(() => All.Any(static replica => replica.Receiver.Sent.Count == 1));
        (_owner, _other) = All[0].Receiver.Sent.Count == 1 ? (All[0], All[1]) : (All[1], All[0]);
    }

    [Fact]
    public async Task The_health_of_an_endpoint_is_the_same_on_all()
    {
        await _owner.Accept(2);
        var degraded = await SeeAsync("degraded");
        Assert.Equal(("closed", 0.0, 3), ((string)degraded["circuit"]!, (double)degraded["success_rate"]!, (int)degraded["consecutive_failures"]!));

        await _other.Accept(19);
        var failing = await SeeAsync("failing");
        Assert.Equal("open", (string?)failing["circuit"]);
        Assert.NotNull(failing["p95_ms"]);
        var shown = Assert.Single((await _other.Get(ServiceRequests.Endpoints))["items"]!.AsArray())!;
        Assert.Equal("failing", (string?)shown["health"]!["state"]);

        var ready = await Waiting.SeeAsync(() => _other.Http.GetStringAsync("/health/ready", Waiting.Cancellation), static text => text.Contains("circuit open", StringComparison.Ordinal), "the other is degraded");
        Assert.Contains(_id, ready, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_metrics_of_an_endpoint_are_those_of_the_replica_that_serves_it()
    {
        foreach (var gauge in new[] { "integration_circuit_state", "integration_queue_depth", "integration_queue_oldest_age_seconds" })
        {
            await Waiting.SeeAsync(() => MetricsAsync(_owner), text => text.Contains($"{gauge}{{endpoint=\"{_id}\"}}", StringComparison.Ordinal), "the owner has it");
            await Waiting.SeeAsync(() => MetricsAsync(_other), text => !text.Contains($"{gauge}{{endpoint=\"{_id}\"}}", StringComparison.Ordinal), "the other has not");
        }
    }

    [Fact]
    public async Task A_new_owner_knows_since_when_an_endpoint_fails()
    {
        await Waiting.Until(async () => await Group.Database.ScalarAsync<bool>("SELECT failing_since IS NOT NULL FROM endpoints"));
        await Group.Database.ExecuteAsync("UPDATE endpoints SET failing_since = failing_since - 2 * 3600 * 1000000::bigint");

        await Group.StopAsync(_owner);
        await _other.Accept();

        // Its first failure is one of two hours.
        await Waiting.Until(() => _other.Endpoints.Find(new EndpointId(_id)) is { Disabled: DisabledReason.Failing });
    }

    private static Task<string> MetricsAsync(MiddlewareService replica) => replica.Http.GetStringAsync("/metrics", Waiting.Cancellation);

    private Task<JsonNode> SeeAsync(string state) => Waiting.SeeAsync(() => _other.Get($"{_path}/health"), health => (string?)health["state"] == state, $"the endpoint is {state}");
}
