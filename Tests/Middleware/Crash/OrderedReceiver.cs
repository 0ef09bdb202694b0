using Microsoft.AspNetCore.Http;

namespace Tests.Middleware.Crash;

/// <summary>A receiver of numbered events that refuses each event of some keys a few times, and notes every event that came out of order.</summary>
internal sealed class OrderedReceiver(Func<string, bool> isFailing, Random random) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _highest = [];
    private readonly Dictionary<(string Key, int Number), (bool IsDelivered, int Life, int Failures)> _seen = [];
    private readonly List<string> _faults = [];
    private WebReceiver? _web;

    public Uri Url => _web!.Url;

    /// <summary>The number of starts of the service so far.</summary>
    public int Life { get; set; }

    /// <summary>The events that came after a newer one of their key, or once more without a kill between.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_gate)
            {
                return [.. _faults];
            }
        }
    }

    public int Refused { get; private set; }

    public int Repeated { get; private set; }

    /// <summary>Begins to listen, on a port that was chosen before or on a free one.</summary>
    public async Task StartAsync(int port = 0) => _web = await WebReceiver.StartAsync(ReceiveAsync, port: port);

    public bool HasDelivered(string key, int number)
    {
        lock (_gate)
        {
            return _seen.TryGetValue((key, number), out var seen) && seen.IsDelivered;
        }
    }

    public ValueTask DisposeAsync() => _web?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task ReceiveAsync(HttpContext context)
    {
        var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var events = body is JsonArray batch ? [.. batch] : new List<JsonNode?> { body };
        lock (_gate)
        {
            var isRefused = events.Any(one => MustRefuse(one!));
            foreach (var one in events)
            {
                Note((string)one!["source"]!, int.Parse((string)one["message"]!, null), isRefused);
            }

            Refused += isRefused ? 1 : 0;
            context.Response.StatusCode = isRefused ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        }
    }

    private bool MustRefuse(JsonNode one)
    {
        var (key, number) = ((string)one["source"]!, int.Parse((string)one["message"]!, null));
        return isFailing(key) && _seen.GetValueOrDefault((key, number)) is { IsDelivered: false, Failures: < 3 } && random.Next(2) == 0;
    }

    private void Note(string key, int number, bool isRefused)
    {
        var seen = _seen.GetValueOrDefault((key, number));
        var highest = _highest.GetValueOrDefault(key, -1);
        if (seen.IsDelivered)
        {
            // Its outcome was not written before the kill.
            Repeated++;
            if (seen.Life == Life)
            {
                _faults.Add($"{key} {number} came once more in one life");
            }
        }
        else if (number < highest)
        {
            _faults.Add($"{key} {number} came after {highest}");
        }

        _highest[key] = Math.Max(highest, number);
        _seen[(key, number)] = isRefused ? seen with { Failures = seen.Failures + 1 } : (true, Life, seen.Failures);
    }
}
