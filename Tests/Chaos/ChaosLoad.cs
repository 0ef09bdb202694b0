using System.Collections.Concurrent;
using System.Globalization;

namespace Tests.Chaos;

/// <summary>Posts events to all replicas at a steady rate, and keeps the id of each that was answered with 200.</summary>
internal sealed class ChaosLoad(ChaosPlan plan, IReadOnlyList<Replica> replicas, Func<TimeSpan> now) : IAsyncDisposable
{
    private const int Posters = 2;

    // The keys in order of each poster.
    private const int Customers = 5;

    // A request with a key is sent at most so often until one is answered.
    private const int Tries = 8;

    private static readonly TimeSpan AfterRefusal = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BetweenTwins = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentQueue<(string Id, string Endpoint, TimeSpan At)> _accepted = new();
    private readonly ConcurrentQueue<(string Key, TimeSpan From, TimeSpan To)> _unlike = new();
    private readonly ConcurrentDictionary<(string Endpoint, string Key), List<string>> _inOrder = new();
    private readonly ConcurrentDictionary<int, int> _answers = new();
    private readonly string[] _deck = [.. ChaosEndpoint.All.SelectMany(static endpoint => Enumerable.Repeat(endpoint.Name, endpoint.Share))];
    private Task _running = Task.CompletedTask;
    private int _twins;

    /// <summary>The events that were answered with 200, with their endpoints and the times of the answers.</summary>
    public IReadOnlyCollection<(string Id, string Endpoint, TimeSpan At)> Accepted => _accepted;

    /// <summary>The events of each ordered endpoint and key in order of acceptance. Each key has one poster, which waits for each answer.</summary>
    public IReadOnlyDictionary<(string Endpoint, string Key), List<string>> InOrder => _inOrder;

    /// <summary>The idempotency keys that had answers with several ids, with the time of their requests.</summary>
    public IReadOnlyCollection<(string Key, TimeSpan From, TimeSpan To)> Unlike => _unlike;

    /// <summary>The pairs of requests that were sent at once with one key.</summary>
    public int Twins => _twins;

    /// <summary>The number of answers with each status; 0 for none.</summary>
    public IReadOnlyDictionary<int, int> Answers => _answers;

    public void Start() => _running = Task.WhenAll(
        replicas.SelectMany((replica, place) => Enumerable.Range(0, Posters).Select(poster => Task.Run(() => PostAsync(replica, (place * 10) + poster))))
            .Append(Task.Run(() => PostTwinsAsync(new Random(plan.Seed)))));

    public async Task StopAsync()
    {
        await _stopped.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopped.Dispose();
    }

    private async Task PostAsync(Replica replica, int poster)
    {
        var random = new Random((plan.Seed * 100) + poster);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds((double)Posters / plan.Rate));
        while (await IsNextAsync(timer))
        {
            var endpoint = _deck[random.Next(_deck.Length)];
            var customer = string.Create(CultureInfo.InvariantCulture, $"{poster}-{random.Next(Customers)}");
            if (!replica.IsUp || await AcceptAsync(replica, endpoint, customer, key: null) is not { } accepted)
            {
                await PauseAsync();
                continue;
            }

            _accepted.Enqueue((accepted.Id, endpoint, accepted.At));
            _inOrder.GetOrAdd((endpoint, customer), static _ => []).Add(accepted.Id);
        }
    }

    /// <summary>Sends the same request with one key to two replicas at once, and again until one is answered.</summary>
    private async Task PostTwinsAsync(Random random)
    {
        const string Endpoint = "twins";
        using var timer = new PeriodicTimer(BetweenTwins);
        for (var number = 0; await IsNextAsync(timer); number++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"twin-{plan.Seed}-{number}");
            var (ids, from) = (new Dictionary<string, TimeSpan>(), now());
            for (var left = Tries; left > 0 && ids.Count == 0; left--)
            {
                Replica[] two = [.. replicas];
                random.Shuffle(two);
                var answers = await Task.WhenAll(two.Take(2).Select(replica => AcceptAsync(replica, Endpoint, customer: "", key)));
                foreach (var (id, at) in answers.OfType<(string Id, TimeSpan At)>().OrderBy(static answer => answer.At))
                {
                    // The last answer with it proves that it was stored then.
                    ids[id] = at;
                }

                if (ids.Count == 0)
                {
                    await PauseAsync();
                }
            }

            Interlocked.Increment(ref _twins);
            if (ids.Count > 1)
            {
                _unlike.Enqueue((key, from, now()));
            }

            foreach (var (id, at) in ids)
            {
                _accepted.Enqueue((id, Endpoint, at));
            }
        }
    }

    /// <summary>The id of the event and the time of the answer when that was 200, else null.</summary>
    private async Task<(string Id, TimeSpan At)?> AcceptAsync(Replica replica, string endpoint, string customer, string? key)
    {
        // Nothing is ever so late, but for a replica that goes by a wrong clock.
        var body = new JsonObject { ["source"] = key ?? "chaos", ["event_type"] = endpoint, ["severity"] = "low", ["message"] = "m", ["expires_in"] = "15m", ["metadata"] = new JsonObject { [ChaosEndpoint.OrderKey] = customer } };
        try
        {
            using var answer = await replica.Hurried.SendJson(HttpMethod.Post, "/integrations/events", body.ToJsonString(), key is null ? [] : [$"Idempotency-Key: {key}"]);
            _answers.AddOrUpdate((int)answer.StatusCode, 1, static (_, count) => count + 1);
            return answer.StatusCode == HttpStatusCode.OK ? ((string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!["event_id"]!, now()) : null;
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException && !Waiting.Cancellation.IsCancellationRequested)
        {
            _answers.AddOrUpdate(0, 1, static (_, count) => count + 1);
            return null;
        }
    }

    private Task PauseAsync() => Task.Delay(AfterRefusal, TimeProvider.System, _stopped.Token).ContinueWith(static _ => { }, TaskScheduler.Default);

    private async Task<bool> IsNextAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_stopped.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
