using Middleware.Events;
using Middleware.Storage.Postgres;
using Npgsql;
using Tests.Middleware.Storage.Postgres;

namespace Tests.Chaos;

/// <summary>Two replicas as processes, an endpoint that one of them owns, and a receiver whose answers the test gives.</summary>
internal sealed class ReplicaStage : IAsyncDisposable
{
    public const string Endpoint = "a";

    private const int MostLines = 40;

    /// <summary>The service's setting <c>ADOPT_AFTER</c>.</summary>
    public static readonly TimeSpan AdoptAfter = TimeSpan.FromSeconds(4);

    private readonly PostgresServer? _server;
    private readonly List<Replica> _replicas = [];
    private string _endpointId = "";

    private ReplicaStage(PostgresServer? server, PostgresDatabase database) => (_server, Database, Slots) = (server, database, new SlotWatch(database));

    public PostgresDatabase Database { get; }

    public SlotWatch Slots { get; }

    public HeldAnswers Held { get; } = new();

    public RecordingReceiver Receiver { get; private set; } = null!;

    /// <summary>The replica that owns the endpoint at first.</summary>
    public Replica Owner { get; private set; } = null!;

    public Replica Other => _replicas.Find(replica => replica != Owner)!;

    /// <summary>Starts both, on a server of their own or on the shared one, with an endpoint with these members, and with clocks that are ahead.</summary>
    public static async Task<ReplicaStage> SetAsync(bool ownServer = false, string members = """ "workers":1 """, (TimeSpan One, TimeSpan Two) clocksAhead = default)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has neither SIGKILL nor SIGSTOP.");
        var server = ownServer ? await PostgresServer.StartAsync() : null;
        var stage = new ReplicaStage(server, await PostgresDatabase.CreateAsync(server));
        try
        {
            await stage.StartAsync(members, clocksAhead);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the first owner, and gives the time at which that was done and the time at which all its slots have another.</summary>
    public async Task<(TimeSpan Killed, TimeSpan Moved)> KillOwnerAsync()
    {
        var killed = Receiver.Now;
        await Owner.KillAsync();
        Assert.NotNull(await Slots.UntilOwnedAsync(AdoptAfter, (replica, _) => replica == Owner.Name));
        return (killed, Receiver.Now);
    }

    /// <summary>Starts the first owner again, and waits until both own slots.</summary>
    public async Task StartOwnerAsync()
    {
        await Owner.StartAsync();
        await Waiting.Until(async () => (await Slots.ReadAsync()).Count == 2);
    }

    /// <summary>The name of the replica that owns the endpoint now; null for none.</summary>
    public Task<string?> OwnerNowAsync() => Slots.OwnerOfAsync(SlotPlan.SlotOf(new EndpointId(_endpointId)));

    /// <summary>Posts an event through a replica, with members such as <c>,"subject":"a"</c>, and gives its id.</summary>
    public static async Task<string> AcceptAsync(Replica replica, string members = "")
    {
        using var answer = await PostAsync(replica, members);
        var text = await answer.Content.ReadAsStringAsync(Waiting.Cancellation);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        return (string)JsonNode.Parse(text)!["event_id"]!;
    }

    public static Task<HttpResponseMessage> PostAsync(Replica replica, string members = "") =>
        replica.Client.SendJson(HttpMethod.Post, "/integrations/events", $$"""{"source":"s","event_type":"t","severity":"low","message":"m"{{members}}}""");

    /// <summary>Changes the number of the endpoint's shards through a replica.</summary>
    public async Task ReshardAsync(Replica replica, int shards)
    {
        var patch = System.Text.Encoding.UTF8.GetBytes($$"""{"shards":{{shards}}}""");
        using var answer = await replica.Client.Send(HttpMethod.Patch, $"/api/v1/endpoints/{_endpointId}", patch, "application/merge-patch+json", "If-Match: *");
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Waiting.Cancellation));
    }

    /// <summary>The number of deliveries that are pending; below 0 for a connection that the server ended.</summary>
    public async Task<long> PendingAsync()
    {
        try
        {
            return await Database.ScalarAsync<long>("SELECT count(*) FROM pending");
        }
        catch (NpgsqlException)
        {
            return -1;
        }
    }

    /// <summary>The statuses of the recorded attempts for an event, in order.</summary>
    public Task<string> AttemptsAsync(string eventId) => Database.ScalarAsync<string>(
        $"SELECT coalesce(string_agg(a.status::text, ' ' ORDER BY a.number), '') FROM attempts a JOIN events e ON e.seq = a.seq WHERE e.id = '\\x{eventId}'");

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();

            // A test that fails shows them.
            TestContext.Current.TestOutputHelper?.WriteLine($"{replica.Name}:\n{string.Join('\n', replica.Earlier.TakeLast(MostLines))}");
        }

        if (Receiver is not null)
        {
            await Receiver.DisposeAsync();
        }

        await Database.DisposeAsync();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private async Task StartAsync(string members, (TimeSpan One, TimeSpan Two) clocksAhead)
    {
        Receiver = await RecordingReceiver.StartAsync(Held.AnswerAsync);
        _replicas.AddRange([new Replica("one", Database, AdoptAfter, clocksAhead.One), new Replica("two", Database, AdoptAfter, clocksAhead.Two)]);
        await _replicas[0].StartAsync();
        using var answer = await _replicas[0].Client.SendJson(
            HttpMethod.Post, "/api/v1/endpoints", $$"""{"name":"{{Endpoint}}","url":"{{Receiver.Url(Endpoint)}}","timeout":"1m","redelivery_schedule":[],{{members}}}""");
        _endpointId = (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!["id"]!;
        await _replicas[1].StartAsync();

        // The lanes are settled once each has some.
        await Waiting.Until(async () => (await Slots.ReadAsync()) is { Count: 2 } owners && owners.Sum(static owner => owner.Slots) == SlotWatch.Slots);
        await Waiting.Until(async () => await OwnerNowAsync() is not null);
        var owner = await OwnerNowAsync();
        Owner = _replicas.Find(replica => replica.Name == owner)!;
    }
}
