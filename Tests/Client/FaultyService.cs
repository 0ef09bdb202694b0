using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Tests.Middleware;

namespace Tests.Client;

/// <summary>A request that came.</summary>
internal sealed record SeenRequest(string Path, string? Key, string? CorrelationId, string? TraceParent, byte[] Body);

/// <summary>A server on a socket before the real middleware. It does each thing of a script once, and passes on what comes afterwards.</summary>
internal sealed class FaultyService : IAsyncDisposable
{
    private readonly ConcurrentQueue<Func<HttpContext, SeenRequest, Task>> _script;
    private readonly ConcurrentQueue<SeenRequest> _seen = new();
    private WebReceiver? _server;

    private FaultyService(IEnumerable<Func<HttpContext, SeenRequest, Task>> script) => _script = new(script);

    public MiddlewareService Behind { get; private init; } = null!;

    public Uri Address => _server!.Url;

    public IReadOnlyList<SeenRequest> Seen => [.. _seen];

    public static async Task<FaultyService> StartAsync(MiddlewareService behind, params Func<HttpContext, SeenRequest, Task>[] script)
    {
        var service = new FaultyService(script) { Behind = behind };
        service._server = await WebReceiver.StartAsync(service.AnswerAsync, static server => server.Limits.MaxRequestBodySize = null);
        return service;
    }

    /// <summary>Refuses with a status, and headers such as <c>Retry-After: 5</c>.</summary>
    public static Func<HttpContext, SeenRequest, Task> Refuse(int status, params string[] headers) => async (context, _) =>
    {
        context.Response.StatusCode = status;
        foreach (var header in headers.Select(static header => header.Split(": ", 2)))
        {
            context.Response.Headers[header[0]] = header[1];
        }

        await context.Response.WriteAsync("refused", Waiting.Cancellation);
    };

    /// <summary>Answers a batch by a text.</summary>
    public static Func<HttpContext, SeenRequest, Task> Answer(string json) => (context, _) =>
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json, Waiting.Cancellation);
    };

    /// <summary>Resets the connection.</summary>
    public static Task Reset(HttpContext context, SeenRequest request)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    /// <summary>Never answers.</summary>
    public static Func<HttpContext, SeenRequest, Task> Hang(TaskCompletionSource begun) => async (context, _) =>
    {
        begun.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
    };

    /// <summary>Passes a request on when the test allows it.</summary>
    public static Func<HttpContext, SeenRequest, Task> Hold(Task until) => (_, _) => until.InTime();

    /// <summary>Passes a request on, and resets the connection in the place of the answer.</summary>
    public Func<HttpContext, SeenRequest, Task> LoseAnswer() => async (context, request) =>
    {
        using var answer = await PassOnAsync(request);
        Assert.True(answer.IsSuccessStatusCode);
        context.Abort();
    };

    public void Then(Func<HttpContext, SeenRequest, Task> step) => _script.Enqueue(step);

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var headers = context.Request.Headers;
        var request = new SeenRequest(context.Request.Path, Value("Idempotency-Key"), Value("X-Correlation-ID"), Value("traceparent"), body.ToArray());
        _seen.Enqueue(request);
        if (_script.TryDequeue(out var step))
        {
            await step(context, request);
            if (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
            {
                return;
            }
        }

        await PassOnAsync(context, request);

        string? Value(string name) => headers.TryGetValue(name, out var value) ? value.ToString() : null;
    }

    private async Task PassOnAsync(HttpContext context, SeenRequest request)
    {
        using var answer = await PassOnAsync(request);
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        foreach (var header in answer.Headers.Where(static header => header.Key is "Idempotency-Replayed" or "Retry-After"))
        {
            context.Response.Headers[header.Key] = header.Value.ToArray();
        }

        await answer.Content.CopyToAsync(context.Response.Body, Waiting.Cancellation);
    }

    private Task<HttpResponseMessage> PassOnAsync(SeenRequest request)
    {
        string?[] headers = [request.Key is null ? null : $"Idempotency-Key: {request.Key}", request.CorrelationId is null ? null : $"X-Correlation-ID: {request.CorrelationId}"];
        return Behind.Send(HttpMethod.Post, request.Path, request.Body, "application/json", [.. headers.OfType<string>()]);
    }
}
