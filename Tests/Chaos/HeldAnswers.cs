using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace Tests.Chaos;

/// <summary>Requests that have no answer until a test gives one.</summary>
internal sealed class HeldAnswers
{
    private readonly Channel<HeldRequest> _came = Channel.CreateUnbounded<HeldRequest>();

    /// <summary>False once all are answered at once.</summary>
    public bool IsHolding { get; set; } = true;

    /// <summary>The status of those, by the id of their event.</summary>
    public Func<string, int> StatusAtOnce { get; set; } = static _ => StatusCodes.Status200OK;

    /// <summary>True when a request came that no test has taken.</summary>
    public bool IsAny => _came.Reader.TryPeek(out _);

    /// <summary>The next request, once it is there.</summary>
    public Task<HeldRequest> NextAsync() => _came.Reader.ReadAsync(Waiting.Cancellation).InTime();

    public async Task AnswerAsync(HttpContext context)
    {
        var id = context.Request.Headers["webhook-id"].ToString();
        if (!IsHolding)
        {
            context.Response.StatusCode = StatusAtOnce(id);
        }
        else
        {
            var held = new HeldRequest(id);
            await _came.Writer.WriteAsync(held, context.RequestAborted);
            context.Response.StatusCode = await held.Status.WaitAsync(context.RequestAborted);
        }
    }
}

/// <summary>A request that waits for its answer.</summary>
internal sealed class HeldRequest(string eventId)
{
    private readonly TaskCompletionSource<int> _status = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string EventId => eventId;

    /// <summary>The status, once it is given.</summary>
    public Task<int> Status => _status.Task;

    public void Answer(int status) => _status.SetResult(status);
}
