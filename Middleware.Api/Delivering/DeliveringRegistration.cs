using System.Security.Cryptography;

namespace Middleware.Delivering;

internal static class DeliveringRegistration
{
    public static IServiceCollection AddDelivering(this IServiceCollection services) => services
        .AddSingleton<Func<double>>(static () => RandomNumberGenerator.GetInt32(1 << 30) / (double)(1 << 30))
        .AddSingleton<Circuits>()
        .AddSingleton<DeliveryResults>()
        .AddSingleton<OwedParts>()
        .AddSingleton<DeliverShipment>()
        .AddSingleton<QueueDue>()
        .AddSingleton<LaneHost>();
}
