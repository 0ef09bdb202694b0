using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace AspireIntegration.Client.Publishing;

/// <summary>
/// Spans and metrics of publishing, by the semantic conventions of OpenTelemetry for messaging. The requests themselves are seen by the
/// instrumentation of <see cref="HttpClient"/>.
/// </summary>
internal static class PublishTelemetry
{
    public const string Name = "AspireIntegration.Client";

    private const string System = "aspire_integration";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "messaging.client.operation.duration",
        "s",
        "The time until a publication succeeded or failed, its retries included.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] });

    private static readonly Counter<long> Sent = Meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Events that the service accepted.");

    /// <summary>The events in buffers, those under way included.</summary>
    public static readonly UpDownCounter<long> Buffered =
        Meter.CreateUpDownCounter<long>("aspire_integration.client.buffer.events", "{message}", "Events in the buffer, those under way included.");

    /// <summary>Events of buffers that were not accepted.</summary>
    public static readonly Counter<long> Undelivered =
        Meter.CreateCounter<long>("aspire_integration.client.buffer.undelivered", "{message}", "Events of the buffer that were not accepted.");

    /// <summary>Runs a publication within a span. Its result is the number of accepted events.</summary>
    public static async Task<T> ObserveAsync<T>(
        Uri address, int events, IEnumerable<ActivityLink> links, TimeProvider clock, Func<Activity?, Task<(T Result, int Accepted)>> publish)
    {
        var tags = new TagList
        {
            { "messaging.system", System },
            { "messaging.operation.name", "publish" },
            { "messaging.operation.type", "send" },
            { "server.address", address.Host },
            { "server.port", address.Port },
        };
        using var span = Source.StartActivity("publish events", ActivityKind.Producer, default(ActivityContext), tags, links);
        if (events != 1)
        {
            span?.SetTag("messaging.batch.message_count", events);
        }

        var start = clock.GetTimestamp();
        try
        {
            var (result, accepted) = await publish(span).ConfigureAwait(false);
            Sent.Add(accepted, tags);
            return result;
        }
        catch (Exception failure)
        {
            var kind = failure is AspireIntegrationException refusal
                ? ((int)refusal.StatusCode).ToString(CultureInfo.InvariantCulture)
                : failure.GetType().FullName;
            tags.Add("error.type", kind);
            span?.SetTag("error.type", kind).SetStatus(ActivityStatusCode.Error, failure.Message);
            throw;
        }
        finally
        {
            Duration.Record(clock.GetElapsedTime(start).TotalSeconds, tags);
        }
    }
}
