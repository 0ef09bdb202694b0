using Middleware.Events;
using Middleware.Http;

namespace Middleware.Endpoints;

/// <summary>Reads the <c>auth</c> of an endpoint. A secret that is left out stays as it is, because it is never shown.</summary>
internal static class AuthBody
{
    private const string Auth = "auth";

    private static readonly RequestShape Shape = new("AuthRequest", "The credentials of deliveries. Each kind has members of its own.", Describe);

    private static readonly RequestShape Patch = new("AuthPatch", "A JSON merge patch of credentials.", Describe) { IsPatch = true };

    /// <summary>Reads the credentials; null for none. <paramref name="before"/> are those that they replace.</summary>
    public static EndpointAuth? Read(RequestReader given, EndpointAuth? before, AddressCheck allows, SecretsFolder folder) => given.Object(
        Auth,
        "The credentials that deliveries bear; none by default. Secrets are never shown: those that are left out stay while the kind does.",
        given.IsPatch ? Patch : Shape,
        members => Members(members, before, allows, folder));

    /// <summary>Refuses credentials that the endpoint could not use.</summary>
    public static void Judge(RequestReader given, WebhookEndpoint endpoint)
    {
        if (endpoint.Auth is not { } auth)
        {
            return;
        }

        var name = auth.Kind.Name();
        if (auth.IsHeader && endpoint.Headers.Has("Authorization"))
        {
            given.Refuse<string>(Auth, $"\"{name}\" sets the header Authorization; expected either auth or that header among headers, not both");
        }
        else if (auth.Kind == AuthKind.Mtls && endpoint.Url.Scheme == Uri.UriSchemeHttp)
        {
            given.Refuse<string>(Auth, $"\"{name}\" shows a certificate in TLS; expected a url with https");
        }
    }

    private static void Describe(IServiceProvider services, RequestReader given) => Members(given, before: null, services.GetRequiredService<AddressCheck>(), services.GetRequiredService<SecretsFolder>());

    private static EndpointAuth? Members(RequestReader given, EndpointAuth? before, AddressCheck allows, SecretsFolder folder)
    {
        var kind = given.OneOf(
            "kind", EnumNames<AuthKind>.All, "`bearer`, `basic`, `oauth2` (client credentials) or `mtls`.", $"is required; expected one of {string.Join(", ", EnumNames<AuthKind>.All.Texts)}");
        var read = new AuthMembers(given, before is not null && before.Kind == kind ? before : null, allows, folder);
        EndpointAuth? auth = kind switch
        {
            AuthKind.Bearer => new EndpointAuth { Kind = AuthKind.Bearer, Token = read.Token },
            AuthKind.Basic => new EndpointAuth { Kind = AuthKind.Basic, Username = read.Username, Password = read.Password },
            AuthKind.OAuth2 => new EndpointAuth
            {
                Kind = AuthKind.OAuth2,
                TokenUrl = read.TokenUrl,
                ClientId = read.ClientId,
                ClientSecret = read.ClientSecret,
                Scope = read.Scope,
                Audience = read.Audience,
            },
            AuthKind.Mtls => new EndpointAuth { Kind = AuthKind.Mtls, Certificate = read.Certificate, Key = read.Key },
            _ => null,
        };
        if (auth is not null)
        {
            JudgeMembers(given, auth);
        }

        return auth;
    }

    private static void JudgeMembers(RequestReader given, EndpointAuth auth)
    {
        (string Name, bool IsThere)[] required = auth.Kind switch
        {
            AuthKind.Bearer => [("token", auth.Token is not null)],
            AuthKind.Basic => [("username", auth.Username is not null), ("password", auth.Password is not null)],
            AuthKind.OAuth2 => [("token_url", auth.TokenUrl is not null), ("client_id", auth.ClientId is not null), ("client_secret", auth.ClientSecret is not null)],
            _ => [("certificate", auth.Certificate is not null), ("key", auth.Key is not null)],
        };
        string[] optional = auth.Kind == AuthKind.OAuth2 ? ["scope", "audience"] : [];
        var expected = required.Select(static member => member.Name).Concat(optional).ToList();
        foreach (var other in given.Members.Where(member => member.Name != "kind" && !expected.Contains(member.Name) && given.IsGiven(member.Name)).ToList())
        {
            given.Refuse<string>(other.Name, $"is no member of kind \"{auth.Kind.Name()}\"; expected {string.Join(", ", expected)}");
        }

        foreach (var (name, _) in required.Where(static member => !member.IsThere))
        {
            given.Refuse<string>(name, $"is required for kind \"{auth.Kind.Name()}\"{(name == "client_secret" ? ", and again with another token_url" : "")}");
        }

        if (auth is { Certificate.Text: { } certificate, Key.Text: { } key } && ClientCertificate.FaultIn(certificate, key) is var (member, fault))
        {
            given.Refuse<string>(member, fault);
        }
    }
}
