using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace ServiceDefaults.Connections;

/// <summary>The limits of senders: their connections, the bytes that wait in both directions, and their time.</summary>
internal static class ServerLimits
{
    // A megabyte by default. Bytes that are read count against the budget of bodies, others do not.
    private const int MostUnread = 64 << 10;

    // An answer that is larger waits in parts until its reader takes them.
    private const int MostUnsent = 32 << 10;

    /// <summary>240 bytes a second by default, which lets a body or an answer of 8 MiB take ten hours.</summary>
    private static readonly MinDataRate Slowest = new(bytesPerSecond: 16 << 10, gracePeriod: TimeSpan.FromSeconds(10));

    public static void AddServerLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ConnectionLimit>();
        builder.Services.AddSingleton<LimitedTransport>();
        builder.Services.AddSingleton<IConnectionListenerFactory>(static services => services.GetRequiredService<LimitedTransport>());
        builder.Services.AddSingleton(static services => new ConnectionDrain(
            services.GetRequiredService<LimitedTransport>(), services.GetRequiredService<ConnectionLimit>(), services.GetRequiredService<TimeProvider>()));

        // The server's own limits below hold behind TLS alone. In front of it the sockets have theirs, a megabyte of unread bytes by default.
        builder.Services.Configure<SocketTransportOptions>(static sockets => (sockets.MaxReadBufferSize, sockets.MaxWriteBufferSize) = (MostUnread, MostUnsent));
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBufferSize = MostUnread;
            kestrel.Limits.MaxResponseBufferSize = MostUnsent;
            kestrel.Limits.MinRequestBodyDataRate = Slowest;
            kestrel.Limits.MinResponseDataRate = Slowest;
            var limit = kestrel.ApplicationServices.GetRequiredService<ConnectionLimit>();
            kestrel.ConfigureEndpointDefaults(listen =>
            {
                // A connection of HTTP/2, which TLS would offer, has a hundred requests at once: the limit of connections would bound little.
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(limit.Guard);
            });
        });
    }
}
