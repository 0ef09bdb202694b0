using Middleware.Callers;

namespace Tests.Middleware.Callers;

[Trait("Store", "Any")]
public sealed class ManagingKeys : IAsyncDisposable
{
    private readonly KeyedService _keyed = new();

    public ValueTask DisposeAsync() => _keyed.DisposeAsync();

    [Fact]
    public async Task A_key_is_shown_once_and_never_again()
    {
        using var made = await _keyed.Send(
            KeyedService.AdminKey, HttpMethod.Post, KeyedService.Keys,
            """{"name":"billing","scopes":["events:write","events:read"],"sources":["billing-*"],"networks":["10.0.0.0/8","192.0.2.7"],"expires_at":"2999-01-01T00:00:00Z"}""")
            .WithStatus(HttpStatusCode.Created);
        var item = await made.Json();
        var (id, text) = ((string)item["id"]!, (string)item["key"]!);

        Assert.Equal($"{KeyedService.Keys}/{id}", made.Headers.Location?.ToString());
        Assert.True(KeyText.IsKey(text));
        var shown = await _keyed.Read(KeyedService.AdminKey, $"{KeyedService.Keys}/{id}");
        item["key"] = null;
        Assert.Equal(item.ToJsonString(), shown.ToJsonString());
        Assert.Equal(shown.ToJsonString(), (await _keyed.Read(KeyedService.AdminKey, KeyedService.Keys))["items"]!.AsArray().Single()!.ToJsonString());
        Assert.Equal("admin", (string?)shown["created_by"]);
        Assert.Equal("""["events:write","events:read"]""", shown["scopes"]!.ToJsonString());
        Assert.Equal("""["billing-*"]""", shown["sources"]!.ToJsonString());
        Assert.Equal("""["10.0.0.0/8","192.0.2.7/32"]""", shown["networks"]!.ToJsonString());
    }

    [Fact]
    public async Task A_key_is_accepted_as_a_bearer_and_in_its_own_header_and_no_other_way()
    {
        var (_, key) = await _keyed.Make("events:write");

        Assert.Equal(HttpStatusCode.OK, await Status($"Authorization: Bearer {key}"));
        Assert.Equal(HttpStatusCode.OK, await Status($"Authorization: bearer  {key} "));
        Assert.Equal(HttpStatusCode.OK, await Status($"X-Api-Key: {key}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status($"Authorization: Basic {key}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status($"Authorization: {key}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status("Authorization: Bearer"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status($"Authorization: Bearer {KeyText.Generate()}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status($"Authorization: Bearer {KeyText.Generate(KeyText.IdOf(key).ToString())}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status($"Authorization: Bearer {key[..^1]}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status($"X-Api-Key: {key}", $"Authorization: Bearer {KeyText.Generate()}"));

        Task<HttpStatusCode> Status(params string[] headers) => _keyed.Service.Status(HttpMethod.Post, "/integrations/events", ServiceRequests.Valid, headers);
    }

    [Fact]
    public async Task A_caller_sees_its_own_name_and_scopes()
    {
        var (id, key) = await _keyed.Make("operate payloads:read");

        Assert.Equal($$"""{"name":"key:{{id}}","scopes":["events:read","payloads:read","operate"]}""", (await _keyed.Read(key, "/api/v1/me")).ToJsonString());
    }

    [Fact]
    public async Task A_key_posts_events_of_its_sources_alone()
    {
        var (_, key) = await _keyed.Make("events:write", """ "sources":["billing-*","shop"] """);

        await _keyed.PostEvent(key, "billing").IsProblem(
            HttpStatusCode.Forbidden, "The caller may not post events of this source.", "source \"billing\" is not among the sources of the API key. Nothing was kept.");
        await _keyed.PostEvent(key, "billing-eu").HasStatus(HttpStatusCode.OK);

        var judged = await _keyed.Ask(key, HttpMethod.Post, "/integrations/events/batch", HttpStatusCode.OK, $"[{ServiceRequests.Event("shop")},{ServiceRequests.Event("other")}]");
        Assert.Equal((1, 1), ((int)judged["accepted"]!, (int)judged["rejected"]!));
        Assert.Equal("""{"source":["\u0022other\u0022 is not among the sources of the API key"]}""", judged["results"]![1]!["errors"]!.ToJsonString());
        Assert.Equal(2, (await _keyed.Read(KeyedService.AdminKey, "/api/v1/events"))["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_key_expires_on_time()
    {
        var end = _keyed.Service.Clock.GetUtcNow() + TimeSpan.FromHours(1);
        var (_, key) = await _keyed.Make("events:write", $"\"expires_at\":\"{end:O}\"");

        _keyed.Service.Clock.AdjustTime(end - TimeSpan.FromMilliseconds(1));
        Assert.Equal(HttpStatusCode.OK, (await _keyed.PostEvent(key)).StatusCode);
        _keyed.Service.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await _keyed.PostEvent(key).IsProblem(
            HttpStatusCode.Unauthorized, "The API key has expired.",
            "Send an API key or a token as Authorization: Bearer, an API key as X-Api-Key, or a client certificate, as AUTH accepts them.");
    }

    [Fact]
    public async Task A_rotated_key_is_good_beside_the_new_one_until_the_overlap_ends()
    {
        var (id, old) = await _keyed.Make("events:write");

        var (replaced, _) = await Rotate(id, """{"overlap":"1h"}""");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await Posts(old), await Posts(replaced)));
        _keyed.Service.Clock.AdjustTime(_keyed.Service.Clock.GetUtcNow().AddHours(1));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await Posts(old), await Posts(replaced)));

        var (third, shown) = await Rotate(id, body: null);
        Assert.Null(shown["overlap_until"]);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await Posts(replaced), await Posts(third)));
    }

    [Fact]
    public async Task Keys_outlive_a_restart_and_a_revoked_one_does_not_come_back()
    {
        var (id, kept) = await _keyed.Make("events:write events:read", """ "sources":["tests"] """);
        var (revokedId, revoked) = await _keyed.Make("events:write");
        var (_, old) = (await Rotate(id, """{"overlap":"1h"}"""), kept);
        Assert.Equal(HttpStatusCode.NoContent, await _keyed.Status(KeyedService.AdminKey, HttpMethod.Delete, $"{KeyedService.Keys}/{revokedId}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Posts(revoked));
        var before = await _keyed.Read(KeyedService.AdminKey, KeyedService.Keys);
        before["items"]![0]!["last_used_at"] = null;

        await _keyed.Service.Restart();

        Assert.Equal(before.ToJsonString(), (await _keyed.Read(KeyedService.AdminKey, KeyedService.Keys)).ToJsonString());
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (await Posts(old), await Posts(revoked)));
        Assert.Equal(HttpStatusCode.NotFound, await _keyed.Status(KeyedService.AdminKey, HttpMethod.Delete, $"{KeyedService.Keys}/{revokedId}"));
    }

    [Fact]
    public async Task A_key_is_revoked_on_a_connection_that_stays_open()
    {
        _keyed.Service.UseKestrel();
        var (id, key) = await _keyed.Make("events:write");
        using var connection = await RawConnection.OpenAsync(_keyed.Service.Http.BaseAddress!);

        Assert.Equal(200, await Post());
        Assert.Equal(HttpStatusCode.NoContent, await _keyed.Status(KeyedService.AdminKey, HttpMethod.Delete, $"{KeyedService.Keys}/{id}"));
        Assert.Equal(401, await Post());

        async Task<int?> Post()
        {
            const string Body = ServiceRequests.Valid;
            await connection.SendAsync($"POST /integrations/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{KeyedService.As(key)}\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");
            return (await connection.ReadAsync())?.Status;
        }
    }

    [Fact]
    public async Task The_last_use_is_kept_once_a_minute()
    {
        var (id, key) = await _keyed.Make("events:write");
        Assert.Null((await _keyed.Read(KeyedService.AdminKey, $"{KeyedService.Keys}/{id}"))["last_used_at"]);
        await Posts(key);
        var used = (string?)(await _keyed.Read(KeyedService.AdminKey, $"{KeyedService.Keys}/{id}"))["last_used_at"];
        Assert.NotNull(used);

        await Waiting.Until(() =>
        {
            _keyed.Service.Clock.Advance(ManageKeys.UsesInterval);
            return StoreSql.Number(_keyed.Service.DatabasePath, "SELECT count(*) FROM keys WHERE last_used_at IS NOT NULL") == 1;
        });
        await _keyed.Service.Restart();
        Assert.Equal(used, (string?)(await _keyed.Read(KeyedService.AdminKey, $"{KeyedService.Keys}/{id}"))["last_used_at"]);
    }

    [Fact]
    public async Task No_byte_of_a_key_is_in_the_store_the_log_or_an_answer()
    {
        var (id, key) = await _keyed.Make("events:write");
        var (rotated, _) = await Rotate(id, """{"overlap":"1h"}""");
        List<string> answers = [];
        foreach (var text in (string[])[key, rotated, KeyedService.AdminKey])
        {
            using var posted = await _keyed.PostEvent(text, "");
            using var refused = await _keyed.Send(text[..^1], HttpMethod.Get, "/api/v1/events");
            answers.AddRange([await posted.Content.ReadAsStringAsync(Waiting.Cancellation), await refused.Content.ReadAsStringAsync(Waiting.Cancellation)]);
        }

        answers.Add((await _keyed.Read(KeyedService.AdminKey, KeyedService.Keys)).ToJsonString());
        answers.Add((await _keyed.Send(KeyedService.AdminKey, HttpMethod.Get, "/metrics").ContinueWith(static got => got.Result.Content.ReadAsStringAsync(), TaskScheduler.Default).Unwrap()));
        await _keyed.Service.Restart();
        var stored = Directory.EnumerateFiles(Path.GetDirectoryName(_keyed.Service.DatabasePath)!).Where(static path => !path.EndsWith(".lock", StringComparison.Ordinal))
            .Select(static path => System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(path))).ToList();

        foreach (var text in (string[])[key, rotated, KeyedService.AdminKey])
        {
            var secret = text[(KeyText.Prefix.Length + KeyText.IdLength + 1)..^6];
            Assert.All(answers, answer => Assert.DoesNotContain(secret, answer, StringComparison.Ordinal));
            Assert.All(stored, file => Assert.DoesNotContain(secret, file, StringComparison.Ordinal));
            Assert.All(_keyed.Service.Log.All, line => Assert.DoesNotContain(secret, line.ToString(), StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("{}", "name: is required", "scopes: is required; expected some of events:write, events:read, payloads:read, endpoints:write, operate, admin, metrics")]
    [InlineData("""{"name":"a","scopes":["write"]}""", "scopes[0]: \"write\" is not a known value; expected one of events:write, events:read, payloads:read, endpoints:write, operate, admin, metrics")]
    [InlineData("""{"name":"a","scopes":["operate"],"sources":["x"]}""", "sources: are of keys with the scope events:write")]
    [InlineData("""{"name":"a","scopes":["operate"],"networks":["10.0.0.1/8"]}""", "networks[0]: \"10.0.0.1/8\" is not a network; expected one such as 10.0.0.0/8, 192.168.1.20 or fd00::/8, with no bit set behind the prefix")]
    [InlineData("""{"name":"a","scopes":["operate"],"networks":["10","::ffff:10.0.0.1/128"]}""", "networks[0]: \"10\" is not a network; expected one such as 10.0.0.0/8, 192.168.1.20 or fd00::/8, with no bit set behind the prefix", "networks[1]: \"::ffff:10.0.0.1/128\" is not a network; expected one such as 10.0.0.0/8, 192.168.1.20 or fd00::/8, with no bit set behind the prefix")]
    [InlineData("""{"name":"a","scopes":["operate"],"expires_at":"2020-01-01"}""", "expires_at: must be in the future")]
    [InlineData("""{"name":"a","scopes":["operate"],"expires_at":"soon"}""", "expires_at: \"soon\" is not a time; expected ISO 8601, such as 2026-01-31T12:00:00Z")]
    [InlineData("""{"name":"a","scopes":["operate"],"key":"mine"}""", "key: is not known; expected one of name, scopes, sources, networks, rate_limit, expires_at")]
    public async Task A_key_that_cannot_be_is_refused_with_all_its_faults(string body, params string[] faults)
    {
        await _keyed.Send(KeyedService.AdminKey, HttpMethod.Post, KeyedService.Keys, body).IsInvalidRequest(faults);

        Assert.Empty((await _keyed.Read(KeyedService.AdminKey, KeyedService.Keys))["items"]!.AsArray());
    }

    [Fact]
    public async Task An_idempotency_key_is_of_the_caller_that_sent_it()
    {
        var (_, one) = await _keyed.Make("events:write");
        var (_, other) = await _keyed.Make("events:write");
        const string Key = "Idempotency-Key: order-1";

        var first = await Id(one, ServiceRequests.Event("a"));
        Assert.Equal(first, await Id(one, ServiceRequests.Event("a")));
        var second = await Id(other, ServiceRequests.Event("b"));
        Assert.NotEqual(first, second);
        Assert.Equal(second, await Id(other, ServiceRequests.Event("b")));

        async Task<string> Id(string key, string body)
        {
            using var answer = await _keyed.Send(key, HttpMethod.Post, "/integrations/events", body, Key);
            return await MiddlewareClient.EventIdAsync(answer);
        }
    }

    [Fact]
    public async Task Refused_callers_are_counted_with_the_other_refusals_of_events()
    {
        var (_, reader) = await _keyed.Make("events:read");
        (await _keyed.PostEvent(reader)).Dispose();
        (await _keyed.PostEvent(KeyText.Generate())).Dispose();
        (await _keyed.Service.PostEvent(ServiceRequests.Valid)).Dispose();
        (await _keyed.Service.Http.GetAsync("/api/v1/events", Waiting.Cancellation)).Dispose();

        using var scrape = await _keyed.Send(KeyedService.AdminKey, HttpMethod.Get, "/metrics");
        var metrics = await scrape.Content.ReadAsStringAsync(Waiting.Cancellation);

        Assert.Contains("integration_events_rejected_total{reason=\"unauthorized\"} 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains("integration_events_rejected_total{reason=\"forbidden\"} 1\n", metrics, StringComparison.Ordinal);
    }

    private Task<HttpStatusCode> Posts(string key) => _keyed.Status(key, HttpMethod.Post, "/integrations/events", ServiceRequests.Event("tests"));

    private async Task<(string Text, JsonNode Shown)> Rotate(string id, string? body)
    {
        var shown = await _keyed.Ask(KeyedService.AdminKey, HttpMethod.Post, $"{KeyedService.Keys}/{id}/rotate", HttpStatusCode.OK, body);
        return ((string)shown["key"]!, shown);
    }
}
