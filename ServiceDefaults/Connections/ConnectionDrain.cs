namespace ServiceDefaults.Connections;

/// <summary>
/// The end of the clients' connections before the server stops. The server closes each connection that waits for a request at once, also when one is on its
/// way: its sender gets no answer. So nothing new is accepted first, and each answer is the last of its connection (RFC 9112, 9.6). Only connections that stay
/// silent are left to the server.
/// </summary>
public sealed class ConnectionDrain
{
    /// <summary>The longest wait for connections that stay silent, or whose request takes longer.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(250);

    private readonly LimitedTransport _transport;
    private readonly ConnectionLimit _connections;
    private readonly TimeProvider _clock;

    internal ConnectionDrain(LimitedTransport transport, ConnectionLimit connections, TimeProvider clock) =>
        (_transport, _connections, _clock) = (transport, connections, clock);

    /// <summary>Stops the listeners, and waits until no connection is open, or for a quarter of a second.</summary>
    public async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        await _transport.StopAcceptingAsync(cancellationToken);
        try
        {
            await _connections.WhenNoneAsync().WaitAsync(Limit, _clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The server closes the silent ones, and waits for requests that are under way.
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The server cuts off all of them.
        }
    }
}
