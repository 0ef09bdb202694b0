using System.Net;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace AspireIntegration.Client.Publishing;

/// <summary>Repeats an attempt until it succeeds, fails for good, or the time is over.</summary>
internal sealed partial class PublishAttempts(PublishRetrySettings settings, TimeProvider clock, Func<double> chance, ILogger logger)
{
    // A service that asks for a day must not stop a buffer for a day.
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <summary>Makes attempts for as long as <paramref name="limit"/> allows another.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="limit">The time after which there is no further attempt.</param>
    /// <param name="isTransient">True for a failure that another attempt may not have.</param>
    /// <param name="cancellationToken">Ends the attempt and the pause.</param>
    /// <exception cref="HttpRequestException">The last attempt found no service, or no answer in its time.</exception>
    /// <exception cref="AspireIntegrationException">The service refused the last attempt.</exception>
    public async Task<T> RunAsync<T>(
        Func<CancellationToken, Task<T>> attempt, TimeSpan limit, Func<Exception, bool> isTransient, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        for (var failures = 0; ; failures++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Exception failure;
            try
            {
                return await InTimeAsync(attempt, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception caught) when (!cancellationToken.IsCancellationRequested && isTransient(caught))
            {
                failure = caught;
            }

            var pause = Pause(failures, (failure as AspireIntegrationException)?.RetryAfter);
            if (clock.GetElapsedTime(start) + pause > limit)
            {
                ExceptionDispatchInfo.Throw(failure);
            }

            AttemptFailed(failures + 1, pause.TotalMilliseconds, failure.Message);
            await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>True for network faults, time-outs and the refusals that end by themselves. Proxies answer 502 and 504.</summary>
    public static bool IsTransient(Exception failure) => failure switch
    {
        HttpRequestException => true,
        AspireIntegrationException refusal => refusal.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout,
        _ => false,
    };

    /// <summary>
    /// The pause after so many failures and one: half of it is fixed, half is chance, so that many senders do not return at once. A
    /// <c>Retry-After</c> is never undercut.
    /// </summary>
    public TimeSpan Pause(int failures, TimeSpan? retryAfter)
    {
        var whole = Math.Min(settings.BaseDelay.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 40)), settings.MaxDelay.TotalMilliseconds);
        var pause = TimeSpan.FromMilliseconds(whole * (1 + chance()) / 2);
        var asked = retryAfter is { } wait && wait > pause ? wait + TimeSpan.FromMilliseconds(settings.BaseDelay.TotalMilliseconds * chance()) : pause;
        return asked < LongestPause ? asked : LongestPause;
    }

    private async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(settings.AttemptTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        try
        {
            return await attempt(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException ended) when (!cancellationToken.IsCancellationRequested)
        {
            // By our limit, or by that of the HttpClient.
            throw new HttpRequestException("The service did not answer in time.", new TimeoutException($"No answer within {settings.AttemptTimeout}.", ended));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Attempt {Attempt} to publish failed; the next one is in {PauseMs} ms: {Reason}")]
    private partial void AttemptFailed(int attempt, double pauseMs, string reason);
}
