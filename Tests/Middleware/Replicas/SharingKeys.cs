using Middleware.Callers;
using Tests.Middleware.Callers;

namespace Tests.Middleware.Replicas;

/// <summary>API keys that are made and revoked on one replica, and used on another.</summary>
[Trait("Speed", "Slow")]
public sealed class SharingKeys() : OnReplicas(2, ("ADMIN_KEY", AdminKey))
{
    private static readonly string AdminKey = KeyText.Generate();

    [Fact]
    public async Task A_key_is_good_on_the_other_until_it_is_revoked()
    {
        var (id, text) = await MakeAsync(One);
        await Waiting.Until(async () => await StatusAsync(Other, text) == HttpStatusCode.OK);

        var (_, rotated) = await AnswerAsync(One, HttpMethod.Post, $"{KeyedService.Keys}/{id}/rotate", "{}");
        await Waiting.Until(async () => await StatusAsync(Other, text) == HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Other, (string)rotated!["key"]!));

        await AnswerAsync(One, HttpMethod.Delete, $"{KeyedService.Keys}/{id}");
        await Waiting.Until(async () => await StatusAsync(Other, (string)rotated["key"]!) == HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_rotation_does_not_bring_back_a_key_that_another_replica_revokes()
    {
        for (var round = 0; round < 10; round++)
        {
            var (id, _) = await MakeAsync(One);
            var answers = await Task.WhenAll(
                Task.Run(() => AnswerAsync(One, HttpMethod.Delete, $"{KeyedService.Keys}/{id}")),
                Task.Run(() => AnswerAsync(Other, HttpMethod.Post, $"{KeyedService.Keys}/{id}/rotate", "{}")));

            Assert.Equal(HttpStatusCode.NoContent, answers[0].Status);
            Assert.Equal(HttpStatusCode.NotFound, (await AnswerAsync(Other, HttpMethod.Get, $"{KeyedService.Keys}/{id}")).Status);
        }

        Assert.Equal(0, await Group.Database.ScalarAsync<long>("SELECT count(*) FROM keys"));
    }

    [Fact]
    public async Task A_key_that_stays_keeps_its_last_use_when_another_is_made()
    {
        var (used, text) = await MakeAsync(One);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(One, text));
        await MakeAsync(Other);

        Assert.NotNull((await AnswerAsync(One, HttpMethod.Get, $"{KeyedService.Keys}/{used}")).Body!["last_used_at"]);
    }

    private static async Task<(string Id, string Text)> MakeAsync(MiddlewareService replica)
    {
        var (status, made) = await AnswerAsync(replica, HttpMethod.Post, KeyedService.Keys, """{"name":"made","scopes":["events:read"]}""");
        Assert.Equal(HttpStatusCode.Created, status);
        return ((string)made!["id"]!, (string)made["key"]!);
    }

    private static Task<HttpStatusCode> StatusAsync(MiddlewareService replica, string key) =>
        replica.Status(HttpMethod.Get, "/api/v1/events", null, KeyedService.As(key));

    private static async Task<(HttpStatusCode Status, JsonNode? Body)> AnswerAsync(MiddlewareService replica, HttpMethod method, string path, string? body = null)
    {
        using var answer = await replica.Http.SendJson(method, path, body, KeyedService.As(AdminKey));
        var text = await answer.Content.ReadAsStringAsync(Waiting.Cancellation);
        return (answer.StatusCode, text.Length > 0 ? JsonNode.Parse(text) : null);
    }
}
