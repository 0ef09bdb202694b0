using Middleware.Events;

namespace Middleware.Sending;

/// <summary>Reads the answer of a receiver.</summary>
internal static class ReceiverAnswer
{
    private const int ResponseLimit = 4096;

    public static Attempt Note(Attempt attempt, HttpResponseMessage response, DateTimeOffset? retryAfter)
    {
        var status = (int)response.StatusCode;
        var reason = FailureReason.FromStatus(status);
        return attempt with
        {
            StatusCode = status,
            Reason = reason,
            Error = reason is null ? null : $"HTTP status {status}",
            RetryAfter = reason is null ? null : retryAfter,
        };
    }

    /// <summary>Reads at most 4 KiB of the body.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadStartAsync(HttpResponseMessage response, CancellationToken cancellationToken)
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
