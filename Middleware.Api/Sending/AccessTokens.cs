namespace Middleware.Sending;

/// <summary>A token as the header <c>Authorization</c> bears it.</summary>
/// <param name="Header">The header's value.</param>
/// <param name="RenewAt">The time from which another is fetched, before this one expires.</param>
/// <param name="ExpiresAt">The time from which it is not used.</param>
internal sealed record AccessToken(string Header, DateTimeOffset RenewAt, DateTimeOffset ExpiresAt)
{
    public override string ToString() => "***";
}

/// <summary>
/// The access token of an endpoint. One request at a time fetches one. Deliveries go on with a token that is renewed early, also while its server
/// fails.
/// </summary>
internal sealed class AccessTokens(TokenRequest request, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private volatile AccessToken? _token;

    /// <summary>A token, and true when it was fetched for this call.</summary>
    /// <param name="refused">A token that its receiver refused; null for none.</param>
    /// <param name="cancellationToken">Ends the wait and the request.</param>
    /// <exception cref="NoCredentialsException">The server gives none.</exception>
    /// <exception cref="NoTokenInTimeException">The server gave none before the cancellation.</exception>
    public async ValueTask<(AccessToken Token, bool IsNew)> GetAsync(AccessToken? refused, CancellationToken cancellationToken)
    {
        var known = Usable(refused);
        if (known is not null && clock.GetUtcNow() < known.RenewAt)
        {
            return (known, false);
        }

        try
        {
            if (known is null)
            {
                await _one.WaitAsync(cancellationToken);
            }
            else if (!_one.Wait(0, cancellationToken))
            {
                return (known, false);
            }

            return await RenewAsync(known, refused, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            throw new NoTokenInTimeException($"no access token from {request.Host} within the time-out");
        }
    }

    public void Dispose()
    {
        _one.Dispose();
        request.Dispose();
    }

    private async ValueTask<(AccessToken Token, bool IsNew)> RenewAsync(AccessToken? known, AccessToken? refused, CancellationToken cancellationToken)
    {
        try
        {
            if (Usable(refused) is { } other && !ReferenceEquals(other, known))
            {
                // Another delivery has fetched it meanwhile.
                return (other, true);
            }

            _token = await request.SendAsync(clock, cancellationToken);
            return (_token, true);
        }
        catch (NoCredentialsException) when (known is not null && clock.GetUtcNow() is var now && now < known.ExpiresAt)
        {
            // Half of the rest later, so that a server that fails does not hold up each delivery.
            _token = known with { RenewAt = now + ((known.ExpiresAt - now) / 2) };
            return (_token, false);
        }
        finally
        {
            _one.Release();
        }
    }

    private AccessToken? Usable(AccessToken? refused) =>
        _token is { } token && !ReferenceEquals(token, refused) && clock.GetUtcNow() < token.ExpiresAt ? token : null;
}
