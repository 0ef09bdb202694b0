using System.Net;
using System.Text;
using Middleware.Endpoints;

namespace Middleware.Sending;

/// <summary>Adds the credentials of an endpoint to its requests.</summary>
internal sealed class Authorizing : DelegatingHandler
{
    private const string Header = "Authorization";

    private readonly string _value;

    private Authorizing(HttpMessageHandler next, string value)
        : base(next) => _value = value;

    /// <summary>The handler itself where no header bears the credentials: such an endpoint costs nothing here.</summary>
    /// <param name="handler">Sends the requests.</param>
    /// <param name="auth">The credentials; null for none.</param>
    /// <param name="connections">Sends the requests for tokens, to the same addresses and through the same proxy.</param>
    /// <param name="clock">The clock by which tokens expire.</param>
    public static HttpMessageHandler Before(HttpMessageHandler handler, EndpointAuth? auth, HttpMessageHandler connections, TimeProvider clock) => auth switch
    {
        { Kind: AuthKind.Bearer } => new Authorizing(handler, $"Bearer {auth.Token!.Reveal()}"),
        { Kind: AuthKind.Basic } => new Authorizing(handler, Basic(auth.Username!, auth.Password!.Reveal())),
        { Kind: AuthKind.OAuth2 } => new ByToken(handler, new AccessTokens(new TokenRequest(auth, connections), clock)),
        _ => handler,
    };

    /// <summary>The header's value for a user name and a password (RFC 7617).</summary>
    public static string Basic(string username, string password) => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{username}:{password}"))}";

    public static void Set(HttpRequestMessage request, string value)
    {
        request.Headers.Remove(Header);
        request.Headers.TryAddWithoutValidation(Header, value);
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Set(request, _value);
        return base.SendAsync(request, cancellationToken);
    }

    /// <summary>Sends with an access token, and once more with a new one when the receiver refuses one that was fetched before.</summary>
    private sealed class ByToken(HttpMessageHandler next, AccessTokens tokens) : DelegatingHandler(next)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var (token, isNew) = await tokens.GetAsync(refused: null, cancellationToken);
            Set(request, token.Header);
            var response = await base.SendAsync(request, cancellationToken);
            if (response.StatusCode != HttpStatusCode.Unauthorized || isNew)
            {
                return response;
            }

            response.Dispose();
            (token, _) = await tokens.GetAsync(refused: token, cancellationToken);
            Set(request, token.Header);
            return await base.SendAsync(request, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                tokens.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
