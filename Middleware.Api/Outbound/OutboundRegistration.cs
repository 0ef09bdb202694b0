using System.Net;
using Middleware.Domain;
using Middleware.UseCases;
using ServiceDefaults.Settings;

namespace Middleware.Outbound;

/// <summary>Registers the delivery client and the check of addresses.</summary>
internal static class OutboundRegistration
{
    public static IServiceCollection AddOutbound(this IServiceCollection services) => services
        .AddSettings(AllowedNetworks.Read)
        .AddSettings(RetryAfterLimit.Read)
        .AddSingleton(static provider => new AddressPolicy(
        [
            .. provider.GetRequiredService<AllowedNetworks>().Networks,
            .. provider.GetRequiredService<IHostEnvironment>().IsDevelopment() ? AllowedNetworks.Loopback : [],
        ]))
        .AddSingleton<AddressCheck>(static provider => provider.GetRequiredService<AddressPolicy>().AllowsLiteral)
        .AddSingleton<HostResolver>(Dns.GetHostAddressesAsync)
        .AddSingleton<ConnectionRace>()
        .AddSingleton<GuardedConnect>()
        .AddSingleton<DiscoveredHosts>()
        .AddSingleton<EndpointTransports>()
        .AddSingleton<IDeliveryClient, DeliveryClient>();
}
