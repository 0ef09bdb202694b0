using Microsoft.AspNetCore.Http;

namespace Tests.Upgrades;

/// <summary>The receivers of a run, which keep silent on demand.</summary>
internal sealed class UpgradeReceiver
{
    /// <summary>The endpoints, each for the events that have its name as their type.</summary>
    public static readonly IReadOnlyList<string> Endpoints = ["first", "second", "third", "fourth"];

    /// <summary>The deliveries of an endpoint that run at once.</summary>
    public const int Workers = 4;

    private TaskCompletionSource? _held;
    private int _silent;

    /// <summary>The requests that wait for an answer.</summary>
    public int Silent => Volatile.Read(ref _silent);

    public static string Definition(string name, Uri url) =>
        $$"""{"name":"{{name}}","url":"{{url}}","workers":{{Workers}},"timeout":"1m","max_retries":10,"base_delay":"200ms","filter":{"event_types":["{{name}}"]} }""";

    public void Hold() => Volatile.Write(ref _held, new(TaskCreationOptions.RunContinuationsAsynchronously));

    public void Release() => Interlocked.Exchange(ref _held, null)?.SetResult();

    public async Task AnswerAsync(HttpContext context)
    {
        if (Volatile.Read(ref _held) is { } held)
        {
            Interlocked.Increment(ref _silent);
            try
            {
                await held.Task.WaitAsync(context.RequestAborted);
            }
            finally
            {
                Interlocked.Decrement(ref _silent);
            }
        }
    }
}
