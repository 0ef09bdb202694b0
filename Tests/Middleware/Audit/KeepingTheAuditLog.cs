using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Middleware.Audit;
using KeyedService = Tests.Middleware.Callers.KeyedService;

namespace Tests.Middleware.Audit;

[Trait("Store", "Any")]
public sealed class KeepingTheAuditLog : IAsyncDisposable
{
    private const string Canary = "canary-7f3a";

    private readonly KeyedService _keyed = new(("ALLOWED_NETWORKS", "127.0.0.0/8"));

    public ValueTask DisposeAsync() => _keyed.DisposeAsync();

    [Fact]
    public async Task Every_change_is_in_the_log_with_its_caller_and_the_person()
    {
        var (keyId, key) = await _keyed.Make("operate endpoints:write events:write");
        var created = await Do(key, HttpMethod.Post, "/api/v1/endpoints", """{"name":"pager","url":"http://127.0.0.1:8/"}""");
        var id = (string)created["id"]!;
        await Do(key, HttpMethod.Post, $"/api/v1/endpoints/{id}/disable", null, "X-Operator: jane");
        await Do(key, HttpMethod.Post, $"/api/v1/endpoints/{id}/enable", null);
        await Do(key, HttpMethod.Patch, $"/api/v1/endpoints/{id}", """{"workers":3}""", "If-Match: *");
        await Do(key, HttpMethod.Post, $"/api/v1/endpoints/{id}/rotate-secret", null);
        await Do(key, HttpMethod.Delete, $"/api/v1/endpoints/{id}?waiting=dead-letter", null, "If-Match: *");
        await Do(key, HttpMethod.Post, "/api/v1/replays", """{"of":"events","filter":{}}""");
        await Do(KeyedService.AdminKey, HttpMethod.Post, $"{KeyedService.Keys}/{keyId}/rotate", null);
        await Do(KeyedService.AdminKey, HttpMethod.Delete, $"{KeyedService.Keys}/{keyId}", null);

        var rows = await Rows();
        Assert.Equal(
            [
                "configuration endpoint.created default", $"admin key.created {keyId}", $"key:{keyId} endpoint.created {id}", $"key:{keyId} (jane) endpoint.disabled {id}", $"key:{keyId} endpoint.enabled {id}",
                $"key:{keyId} endpoint.changed {id}", $"key:{keyId} endpoint.secret_rotated {id}", $"key:{keyId} endpoint.deleted {id}", $"key:{keyId} replay.created *", $"admin key.rotated {keyId}", $"admin key.revoked {keyId}",
            ],
            rows.Select(static row => $"{row["actor"]}{(row["note"] is { } note ? $" ({note})" : "")} {row["action"]} {((string?)row["action"] == "replay.created" ? "*" : row["target"])}"));
        Assert.Equal(Enumerable.Range(1, rows.Count), rows.Select(static row => (int)row["number"]!));
        var changed = rows.Single(static row => (string?)row["action"] == "endpoint.changed");
        Assert.Equal((1, 3), ((int)changed["before"]!["workers"]!, (int)changed["after"]!["workers"]!));
    }

    [Fact]
    public async Task An_event_that_is_replayed_discarded_or_erased_is_in_the_log()
    {
        _keyed.Service.Receiver.Status = 400;
        using var accepted = await _keyed.PostEvent(KeyedService.AdminKey);
        var id = await MiddlewareClient.EventIdAsync(accepted);
        await _keyed.Service.Recorded();

        await Do(KeyedService.AdminKey, HttpMethod.Delete, $"/api/v1/dead-letters/{id}.default", null);
        await Do(KeyedService.AdminKey, HttpMethod.Post, $"/api/v1/events/{id}/replay", null);
        await Do(KeyedService.AdminKey, HttpMethod.Delete, $"/api/v1/events/{id}", null);
        await Do(KeyedService.AdminKey, HttpMethod.Delete, $"/api/v1/events/{id}", null);

        Assert.Equal(
            [$"dead_letter.discarded {id}.default", $"event.replayed {id}", $"event.erased {id}"],
            (await Rows()).Skip(1).Select(static row => $"{row["action"]} {row["target"]}"));
    }

    [Fact]
    public async Task A_refused_change_is_not_in_the_log_and_no_secret_is()
    {
        var (_, reader) = await _keyed.Make("events:read");
        Assert.Equal(HttpStatusCode.Forbidden, await _keyed.Status(reader, HttpMethod.Post, "/api/v1/endpoints", "{}"));
        Assert.Equal(HttpStatusCode.BadRequest, await _keyed.Status(KeyedService.AdminKey, HttpMethod.Post, "/api/v1/endpoints", "{}"));
        Assert.Equal(HttpStatusCode.NotFound, await _keyed.Status(KeyedService.AdminKey, HttpMethod.Delete, $"{KeyedService.Keys}/none"));
        Assert.Equal(2, (await Rows()).Count);

        var created = await Do(
            KeyedService.AdminKey, HttpMethod.Post, "/api/v1/endpoints",
            $$$"""{"name":"pager","url":"http://127.0.0.1:8/a?token={{{Canary}}}","headers":{"X-Token":"{{{Canary}}}"},"auth":{"kind":"bearer","token":"{{{Canary}}}"}}""");

        await Do(
            KeyedService.AdminKey, HttpMethod.Patch, $"/api/v1/endpoints/{created["id"]}",
            $$$"""{"auth":{"kind":"oauth2","token_url":"http://127.0.0.1:8/token?code={{{Canary}}}","client_id":"me","client_secret":"{{{Canary}}}"}}""", "If-Match: *");

        var log = (await _keyed.Read(KeyedService.AdminKey, "/api/v1/audit")).ToJsonString();
        Assert.DoesNotContain(Canary, log, StringComparison.Ordinal);
        Assert.DoesNotContain((string)created["secret"]!, log, StringComparison.Ordinal);
        Assert.Contains("X-Token", log, StringComparison.Ordinal);
        Assert.Contains("http://127.0.0.1:8/token?***", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_is_searched_and_paged()
    {
        var (one, _) = await _keyed.Make("operate");
        var (two, _) = await _keyed.Make("operate");

        Assert.Equal([two, one], await Targets("?action=key.created"));
        Assert.Equal([one], await Targets($"?target={one}"));
        Assert.Equal(["default"], await Targets("?actor=configuration"));
        Assert.Empty(await Targets("?since=2999-01-01"));
        var first = await _keyed.Read(KeyedService.AdminKey, "/api/v1/audit?limit=2");
        Assert.Equal([two, one], first["items"]!.AsArray().Select(static row => (string)row!["target"]!));
        Assert.Equal(["default"], await Targets($"?limit=2&cursor={first["next_cursor"]}"));

        async Task<List<string>> Targets(string query) =>
            [.. (await _keyed.Read(KeyedService.AdminKey, "/api/v1/audit" + query))["items"]!.AsArray().Select(static row => (string)row!["target"]!)];
    }

    [Fact]
    public async Task Old_rows_go_and_the_head_is_logged_once_a_day()
    {
        await _keyed.Make("operate");
        await _keyed.Make("operate");
        Assert.Equal(3, (await Rows()).Count);

        var later = new TestClock();
        later.Advance(TimeSpan.FromDays(366));
        var keep = new KeepAudit(_keyed.Service.Services.GetRequiredService<IAuditLog>(), new AuditSettings(TimeSpan.FromDays(365)), later, _keyed.Service.Log.For<KeepAudit>());
        await keep.ExecuteAsync(Waiting.Cancellation);
        await keep.ExecuteAsync(Waiting.Cancellation);

        // The start logs one too. By the clock of the test the rows of the purges are old as well.
        Assert.Equal(["service audit.purged", "service audit.purged"], (await Rows()).Select(static row => $"{row["actor"]} {row["action"]}"));
        Assert.Equal(3, StoreSql.Number(_keyed.Service.DatabasePath, "SELECT no FROM audit_anchor"));
        Assert.Equal(2, _keyed.Service.Log.Of("head of the audit log").Count());
        await _keyed.Make("operate");
        Assert.Equal([4, 5, 6], (await Rows()).Select(static row => (int)row["number"]!));
    }

    private async Task<List<JsonNode>> Rows() =>
        [.. (await _keyed.Read(KeyedService.AdminKey, "/api/v1/audit?limit=1000"))["items"]!.AsArray().Select(static row => row!).Reverse()];

    private async Task<JsonNode> Do(string key, HttpMethod method, string path, string? body, params string[] headers)
    {
        var mediaType = method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json";
        using var answer = await _keyed.Service.Http.Send(method, path, body is null ? null : Encoding.UTF8.GetBytes(body), mediaType, [KeyedService.As(key), .. headers]);
        var text = await answer.Content.ReadAsStringAsync(Waiting.Cancellation);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }
}
