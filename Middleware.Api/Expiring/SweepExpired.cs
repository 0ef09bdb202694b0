using Middleware.Delivering;
using Middleware.Endpoints;

namespace Middleware.Expiring;

/// <summary>
/// Ends deliveries whose deadline is past where no worker comes to them: at disabled endpoints, behind open circuits and in long queues. A round looks
/// at some of the endpoints with a <c>max_age</c>, the next one at those that follow. Used by one loop.
/// </summary>
internal sealed class SweepExpired(IExpiryStore store, EndpointRegistry endpoints, DeliveryResults results, TimeProvider clock)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>The most endpoints of one round.</summary>
    public const int EndpointsAtOnce = 100;

    private int _next;

    public async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        await SweepAsync(() => store.SweepEventsAsync(clock.GetUtcNow()), cancellationToken);
        var all = endpoints.All;
        for (var (looked, swept) = (0, 0); looked < all.Length && swept < EndpointsAtOnce && !cancellationToken.IsCancellationRequested; looked++)
        {
            _next = _next < all.Length ? _next : 0;
            if (all[_next++] is { Id: var id, MaxAge: { } maxAge })
            {
                await SweepAsync(() => store.SweepEndpointAsync(id, clock.GetUtcNow() - maxAge), cancellationToken);
                swept++;
            }
        }
    }

    private async Task SweepAsync(Func<Task<SweepStep>> sweep, CancellationToken cancellationToken)
    {
        for (var isLast = false; !isLast && !cancellationToken.IsCancellationRequested;)
        {
            var step = await sweep();
            isLast = step.IsLast;
            foreach (var ended in step.Ended)
            {
                results.Expired(ended.CorrelationId, ended.EventId, ended.Endpoint);
            }
        }
    }
}

internal static class ExpiringRegistration
{
    public static IServiceCollection AddExpiring(this IServiceCollection services) => services.AddSingleton<SweepExpired>();
}
