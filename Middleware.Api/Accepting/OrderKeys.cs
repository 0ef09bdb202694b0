using System.Collections.Immutable;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Filtering;

namespace Middleware.Accepting;

/// <summary>Finds the keys of an event at the endpoints that want events of one key in order.</summary>
internal static class OrderKeys
{
    /// <summary>The most expressions that run on a thread that serves sockets.</summary>
    public const int EvaluatedAtOnce = 8;

    /// <summary>
    /// The hash of the key for each of the endpoints, in their order; null for one without an order. The default array where none has one. Keys that
    /// cost more than a thread bears that waits for sockets are found on the thread pool.
    /// </summary>
    public static ValueTask<ImmutableArray<long?>> OfAsync(EndpointSet now, IntegrationEvent accepted, ImmutableArray<WebhookEndpoint> endpoints) =>
        !now.HasOrdering ? default
        : now.EvaluatedKeys == 0 || (now.EvaluatedKeys <= EvaluatedAtOnce && accepted.Payload.Length <= RouteEvent.BytesAtOnce) ? new(Of(now, accepted, endpoints))
        : new(Task.Run(() => Of(now, accepted, endpoints)));

    /// <inheritdoc cref="OfAsync"/>
    public static ImmutableArray<long?> Of(EndpointSet now, IntegrationEvent accepted, ImmutableArray<WebhookEndpoint> endpoints)
    {
        if (!now.HasOrdering)
        {
            return default;
        }

        var (filtered, isAny) = (new FilteredEvent(accepted), false);
        var keys = ImmutableArray.CreateBuilder<long?>(endpoints.Length);
        foreach (var endpoint in endpoints)
        {
            var key = endpoint.Ordering?.KeyOf(filtered, accepted.Payload.Length);
            isAny |= key is not null;
            keys.Add(key);
        }

        return isAny ? keys.MoveToImmutable() : default;
    }
}
