using Middleware.UseCases;

namespace Middleware.Outbound;

/// <summary>One try: numbers and dates the request, reads the start of the answer and writes down what came of it.</summary>
internal sealed class AttemptHandler : DelegatingHandler
{
    private const int ResponseLimit = 4096;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.Options.TryGetValue(AttemptLog.Key, out var attempts))
        {
            throw new InvalidOperationException("A delivery's request bears its attempt log.");
        }

        var (number, startedAt) = attempts.Begin();
        using var span = MiddlewareTraces.StartTry(request.RequestUri!, number);
        DeliveryRequest.Stamp(request, number, startedAt, isFirst: attempts.Attempts.Count == 0, span?.Id);
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            var start = await ReadStartAsync(response, cancellationToken);
            MiddlewareTraces.Tried(span, attempts.NoteAnswer((int)response.StatusCode, RetryAfter(response, startedAt), start));
            return response;
        }
        catch (HttpRequestException exception) when (exception.InnerException is AddressRefusedException refused)
        {
            // As what it is: the client's wrapping is an exception that would be tried again.
            MiddlewareTraces.Tried(span, attempts.NoteFailure(refused));
            throw refused;
        }
        catch (Exception exception)
        {
            MiddlewareTraces.Tried(span, attempts.NoteFailure(exception));
            throw;
        }
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now) =>
        response.IsSuccessStatusCode ? null : response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } when date > now => date - now,
            _ => null,
        };

    /// <summary>Reads at most 4 KiB; what a receiver says beyond that is not read.</summary>
    private static async ValueTask<ReadOnlyMemory<byte>> ReadStartAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength == 0)
        {
            return default;
        }

        // No larger than the answer: thousands of these may wait to be recorded.
        var buffer = new byte[Math.Min(ResponseLimit, response.Content.Headers.ContentLength ?? ResponseLimit)];
        var length = 0;
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            while (length < buffer.Length && await body.ReadAsync(buffer.AsMemory(length), cancellationToken) is > 0 and var read)
            {
                length += read;
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            // The status has come and decides; a body that breaks off or never ends is kept as far as it came.
            return buffer.AsMemory(0, length);
        }

        return buffer.AsMemory(0, length);
    }
}
