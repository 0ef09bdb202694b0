using System.Text.Json;
using Middleware.Http;

namespace Middleware.Endpoints;

/// <summary>The members of credentials, of whichever kind, each judged by itself. No fault repeats a secret.</summary>
internal sealed class AuthMembers
{
    private const int MostOfAName = 512;
    private const int MostOfASecret = 8_192;
    private const int MostOfAPem = 32_768;

    private const string Plain = "no control characters";

    /// <summary>Reads all members.</summary>
    /// <param name="given">The request.</param>
    /// <param name="kept">The credentials of the same kind that they replace, whose secrets stay when they are left out; null for none.</param>
    /// <param name="allows">Judges the address of the token URL.</param>
    /// <param name="folder">The folder of references.</param>
    public AuthMembers(RequestReader given, EndpointAuth? kept, AddressCheck allows, SecretsFolder folder)
    {
        Token = Secret(given, folder, "token", "The token of `bearer`.", kept?.Token, MostOfASecret, IsVisible, "visible ASCII characters without spaces");
        Username = Name(given, "username", "The user name of `basic`, without a colon.", static text => IsPlain(text) && !text.Contains(':', StringComparison.Ordinal), $"no colon and {Plain}");
        Password = Secret(given, folder, "password", "The password of `basic`.", kept?.Password, MostOfASecret, IsPlain, Plain);
        TokenUrl = Url(given, allows);
        ClientId = Name(given, "client_id", "The client of `oauth2`.", IsPlain, Plain);

        // Another server would get a secret that stays.
        var ofServer = kept?.TokenUrl == TokenUrl ? kept?.ClientSecret : null;
        ClientSecret = Secret(given, folder, "client_secret", "The secret of that client.", ofServer, MostOfASecret, IsPlain, Plain);
        Scope = Name(
            given, "scope", "The scopes that `oauth2` asks for, separated by spaces; the server's default without it.", IsVisibleOrSpace, "visible ASCII characters and spaces");
        Audience = Name(given, "audience", "The audience that `oauth2` asks for; none by default.", IsPlain, Plain);
        Certificate = Secret(given, folder, "certificate", "The certificate of `mtls` in PEM, with those of its issuers behind it.", kept?.Certificate, MostOfAPem, static _ => true, "");
        Key = Secret(given, folder, "key", "The private key of that certificate in PEM.", kept?.Key, MostOfAPem, static _ => true, "");
    }

    public SecretValue? Token { get; }

    public string? Username { get; }

    public SecretValue? Password { get; }

    public string? TokenUrl { get; }

    public string? ClientId { get; }

    public SecretValue? ClientSecret { get; }

    public string? Scope { get; }

    public string? Audience { get; }

    public SecretValue? Certificate { get; }

    public SecretValue? Key { get; }

    /// <summary>True for a text that a header may bear as a token.</summary>
    public static bool IsVisible(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static string? Name(RequestReader given, string name, string text, Func<string, bool> isRight, string wanted) =>
        given.Text(name, MostOfAName, text) is not { } value ? null
        : isRight(value) ? value
        : given.Refuse(name, $"expected {wanted}", value);

    private static SecretValue? Secret(RequestReader given, SecretsFolder folder, string name, string text, SecretValue? kept, int most, Func<string, bool> isRight, string wanted)
    {
        if (given.Find(new RequestMember(name, "string", text) { MaxLength = most, Or = SecretBody.Reference }) is not { } value)
        {
            return given.Removes(name) ? null : kept;
        }

        // With a fault the secret counts as given, so that it is not also called missing.
        if (value.ValueKind != JsonValueKind.String)
        {
            var (reference, fault) = SecretBody.Read(value, folder);
            return reference ?? given.Refuse(name, fault!, new SecretValue(""));
        }

        var secret = given.Decode(name, value) ?? "";
        return secret.Length > most ? given.Refuse(name, $"must have at most {most} characters", new SecretValue(secret))
            : isRight(secret) ? new SecretValue(secret)
            : given.Refuse(name, $"expected {wanted}", new SecretValue(secret));
    }

    private static string? Url(RequestReader given, AddressCheck allows)
    {
        var text = given.Text(new RequestMember("token_url", "string", "The URL of the authorization server that `oauth2` has its tokens from; its address is judged as that of `url`.")
        {
            MaxLength = WebhookUrl.MaxLength,
            Pattern = Patterns.Url,
            Format = "uri",
        });
        return text is null ? null
            : WebhookUrl.TryParse(text, allows, out var url, out var fault) ? url.OriginalString
            : given.Refuse("token_url", fault, "");
    }

    private static bool IsPlain(string text) => !text.Any(char.IsControl);

    private static bool IsVisibleOrSpace(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');
}
