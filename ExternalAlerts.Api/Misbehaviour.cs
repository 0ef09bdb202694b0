using System.Globalization;

namespace ExternalAlerts;

/// <summary>Applies a fault to a request.</summary>
internal sealed class Misbehaviour(TimeProvider clock, IHostApplicationLifetime lifetime)
{
    /// <summary>The status to answer; null when no answer is possible any more. A hang ends with the client or the service.</summary>
    public async Task<int?> PlayAsync(Fault fault, HttpContext context)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            if (fault.Latency is { } latency)
            {
                await Task.Delay(latency, clock, end.Token);
            }

            if (fault.Hang)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, clock, end.Token);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            context.Abort();
            return null;
        }

        if (fault.Drop)
        {
            context.Abort();
            return null;
        }

        AddHeaders(fault, context);
        return fault.Status ?? StatusCodes.Status200OK;
    }

    private static void AddHeaders(Fault fault, HttpContext context)
    {
        if (fault.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        // Leads back here, where a GET answers 200: a sender that follows redirects is found out.
        if (fault.Status is >= 300 and < 400)
        {
            context.Response.Headers.Location = context.Request.Path.Value;
        }
    }
}
