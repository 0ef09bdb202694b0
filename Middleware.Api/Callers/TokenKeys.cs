using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Middleware.Callers;

/// <summary>
/// The keys that sign tokens. Those of an authority are fetched in the background and before they are needed: no request waits for them. A failed fetch
/// leaves the last ones in force.
/// </summary>
internal sealed partial class TokenKeys(AuthSettings settings, IDocumentRetriever documents, TimeProvider clock, ILogger<TokenKeys> logger) : IConfigurationManager<OpenIdConnectConfiguration>
{
    /// <summary>The pause between two looks whether a fetch is due.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    // A token of an unknown key asks for a fetch; the senders of such tokens must not decide how often.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(30);

    private volatile OpenIdConnectConfiguration? _now = Given(settings.Tokens?.Keys);
    private DateTimeOffset _fetchedAt;
    private bool _isFailing;
    private volatile bool _isAsked = true;

    /// <summary>False until the first fetch succeeded.</summary>
    public bool AreKnown => _now is not null;

    public Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel) =>
        Task.FromResult(_now ?? throw new InvalidOperationException("The keys of JWT_AUTHORITY are not known yet."));

    /// <summary>Has them fetched soon: a token names a key that is not among them.</summary>
    public void RequestRefresh() => _isAsked = true;

    /// <summary>Fetches the keys if they are due.</summary>
    public async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        var age = clock.GetUtcNow() - _fetchedAt;
        if (settings.Tokens?.Authority is not { } authority || (AreKnown && age < (_isAsked ? ShortestPause : Lifetime)))
        {
            return;
        }

        try
        {
            _isAsked = false;
            var address = new Uri(authority.AbsoluteUri.TrimEnd('/') + "/.well-known/openid-configuration");
            _now = await OpenIdConnectConfigurationRetriever.GetAsync(address.AbsoluteUri, documents, cancellationToken);
            (_fetchedAt, _isFailing) = (clock.GetUtcNow(), false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            _isAsked = true;
            if (!_isFailing)
            {
                _isFailing = true;
                NotFetched(authority.AbsoluteUri, exception.Message, AreKnown);
            }
        }
    }

    /// <summary>Replaces the given keys; null changes nothing.</summary>
    public void Set(JsonWebKeySet? keys) => _now = Given(keys) ?? _now;

    private static OpenIdConnectConfiguration? Given(JsonWebKeySet? keys)
    {
        if (keys is null)
        {
            return null;
        }

        var configuration = new OpenIdConnectConfiguration { JsonWebKeySet = keys };
        foreach (var key in keys.GetSigningKeys())
        {
            configuration.SigningKeys.Add(key);
        }

        return configuration;
    }

    [LoggerMessage(LogLevel.Error, "the keys of tokens cannot be fetched, trying again")]
    private partial void NotFetched(string authority, string error, bool lastOnesHold);
}
