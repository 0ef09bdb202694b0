namespace Tests.Logging;

/// <summary>Bodies that end before they are whole, or are framed as none can be, over real connections to every route that reads a body.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class BrokenBodies
{
    private const string Unreadable = "request cannot be read";
    private const string Aborted = "request aborted by its client";
    private static readonly string[] Verbose = ["Logging__LogLevel__Default=Debug"];

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Of_a_client_that_goes_away_are_debug_lines_without_a_stack()
    {
        await using var stage = await LogStage.StartAsync(Verbose);
        var routes = await RoutesAsync(stage);

        var gone = await GoAwayAsync(stage.Service.Address, routes);

        await Waiting.SeeAsync(() => Task.FromResult(OfBodies(stage.Service)), lines => lines.Count >= gone, $"{gone} lines");
        Assert.Equal(gone, OfBodies(stage.Service).Count);
        AssertNoError(await stage.AllLinesAsync());
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Of_a_client_that_goes_away_are_no_errors_of_the_external_alerts_either()
    {
        using var service = await ServiceProcess.StartAsync("ExternalAlerts.Api", Verbose);

        var gone = await GoAwayAsync(service.Address, [("POST", "/external/alerts"), ("PUT", "/external/faults")]);

        await Waiting.SeeAsync(() => Task.FromResult(OfBodies(service)), lines => lines.Count >= gone, $"{gone} lines");
        Assert.Equal(0, await service.StopAsync());
        AssertNoError(LogLine.ReadAll(service, "canary"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task With_a_chunk_that_is_too_large_are_bad_requests_and_no_errors()
    {
        await using var stage = await LogStage.StartAsync(Verbose);
        using var alerts = await ServiceProcess.StartAsync("ExternalAlerts.Api", Verbose);

        foreach (var (method, path) in await RoutesAsync(stage))
        {
            await AssertRefusedAsync(stage.Service.Address, method, path);
        }

        await AssertRefusedAsync(alerts.Address, "POST", "/external/alerts");
        await AssertRefusedAsync(alerts.Address, "PUT", "/external/faults");
        AssertNoError(await stage.AllLinesAsync());
        Assert.Equal(0, await alerts.StopAsync());
        AssertNoError(LogLine.ReadAll(alerts, "canary"));
    }

    private static List<JsonNode> OfBodies(ServiceProcess service) => [.. service.Log.Where(static line => (string?)line["msg"] is Unreadable or Aborted)];

    private static void AssertNoError(IReadOnlyList<JsonNode> lines) => Assert.All(lines, static line =>
    {
        Assert.False((string?)line["level"] is "error" or "critical" && (string?)line["msg"] != "failed to send event", line.ToJsonString());
        Assert.Null(line["exception"]);
    });

    /// <summary>All routes of the contract that read a body, with something that is there in the place of their ids.</summary>
    private static async Task<List<(string Method, string Path)>> RoutesAsync(LogStage stage)
    {
        var endpoint = await stage.EndpointAsync("refused", "/status/400");
        var failed = await stage.EventAsync("refused");
        var ids = new Dictionary<string, string> { ["{endpoint_id}"] = endpoint, ["{event_id}"] = failed, ["{delivery_id}"] = await stage.DeadLetterAsync(failed) };
        var contract = await stage.AskAsync(HttpMethod.Get, "/openapi/v1.json", null, HttpStatusCode.OK);
        var routes =
            from path in contract!["paths"]!.AsObject()
            from operation in path.Value!.AsObject()
            where operation.Value!["requestBody"] is not null
            select (operation.Key.ToUpperInvariant(), ids.Aggregate(path.Key, static (text, id) => text.Replace(id.Key, id.Value, StringComparison.Ordinal)));
        Assert.InRange(routes.Count(), 10, 100);
        return [.. routes];
    }

    /// <summary>Ends the connection in the middle of each body, by FIN and by RST, of known and unknown length; the number of times.</summary>
    private static async Task<int> GoAwayAsync(Uri service, List<(string Method, string Path)> routes)
    {
        foreach (var (method, path) in routes)
        {
            foreach (var length in (string[])["Content-Length: 100", "Transfer-Encoding: chunked"])
            {
                foreach (var reset in (bool[])[false, true])
                {
                    using var client = await SendAsync(service, method, path, $"{length}\r\nExpect: 100-continue");

                    // The service asks for the body once it waits for it.
                    Assert.Equal(100, (await client.ReadHeadAsync()).Status);
                    await client.SendAsync("4c\r\n{\"source\":");
                    if (reset)
                    {
                        client.Reset();
                    }
                }
            }
        }

        return routes.Count * 4;
    }

    private static async Task AssertRefusedAsync(Uri service, string method, string path)
    {
        // 2 GiB, 8 EiB and no number of any type.
        foreach (var size in (string[])["80000000", "7fffffffffffffff", new string('f', 40)])
        {
            using var client = await SendAsync(service, method, path, "Transfer-Encoding: chunked\r\nConnection: close");
            await client.SendAsync($"{size}\r\n{{}}");
            var answer = (await client.ReadAsync())!;
            Assert.Equal((400, "application/problem+json"), (answer.Status, answer["Content-Type"]));
            Assert.Contains("\"correlation_id\":", answer.Body, StringComparison.Ordinal);
        }
    }

    private static async Task<RawConnection> SendAsync(Uri service, string method, string path, string headers)
    {
        var client = await RawConnection.OpenAsync(service);
        var type = method is "PATCH" ? "application/merge-patch+json" : "application/json";
        await client.SendAsync($"{method} {path} HTTP/1.1\r\nHost: x\r\nIf-Match: *\r\nContent-Type: {type}\r\n{headers}\r\n\r\n");
        return client;
    }
}
