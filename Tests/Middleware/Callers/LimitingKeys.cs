namespace Tests.Middleware.Callers;

/// <summary>The rates of keys.</summary>
[Trait("Store", "Any")]
public class LimitingKeys
{
    private const string Path = "/api/v1/events";

    [Fact]
    public async Task The_rate_of_a_key_holds_without_one_for_all_clients()
    {
        await using var keyed = new KeyedService();
        var (_, limited) = await keyed.Make("events:read", "\"rate_limit\":\"2/h\"");
        var (_, other) = await keyed.Make("events:read");

        Assert.Equal(2, await OkAsync(keyed, limited));
        Assert.Equal(5, await OkAsync(keyed, other));
        await keyed.Send(limited, HttpMethod.Get, Path).IsProblem(
            HttpStatusCode.TooManyRequests, "Too many requests.", "The limit is 2/h burst 2 of a client (rate_limit of its key). Nothing was done: send it again after 1800 s.");
        using var refused = await keyed.Send(limited, HttpMethod.Get, Path);
        Assert.Equal("\"client\";q=2;w=3600", refused.Headers.GetValues("RateLimit-Policy").Single());
    }

    [Fact]
    public async Task The_rate_of_a_key_is_in_the_place_of_that_of_all_clients_and_each_key_has_its_own()
    {
        await using var keyed = new KeyedService(("RATE_LIMIT", "4/h"), ("GLOBAL_RATE_LIMIT", "1000/h"));
        var (_, limited) = await keyed.Make("events:read", "\"rate_limit\":\"2/h\"");
        var (_, other) = await keyed.Make("events:read");

        Assert.Equal((2, 4), (await OkAsync(keyed, limited), await OkAsync(keyed, other)));
        using var refused = await keyed.Send(limited, HttpMethod.Get, Path);
        Assert.Equal("\"client\";q=2;w=3600, \"global\";q=1000;w=3600", refused.Headers.GetValues("RateLimit-Policy").Single());

        // Callers without a valid key have the rate of their address.
        var unknown = new List<HttpStatusCode>();
        for (var number = 0; number < 5; number++)
        {
            unknown.Add(await keyed.Service.Status(HttpMethod.Get, Path));
        }

        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.Unauthorized, 4), HttpStatusCode.TooManyRequests], unknown);
    }

    private static async Task<int> OkAsync(KeyedService keyed, string key)
    {
        var count = 0;
        for (var number = 0; number < 5; number++)
        {
            count += await keyed.Status(key, HttpMethod.Get, Path) == HttpStatusCode.OK ? 1 : 0;
        }

        return count;
    }
}
