using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Sending;

/// <summary>The attempt ended while it waited for its access token.</summary>
internal sealed class NoTokenInTimeException(string message) : OperationCanceledException(message);

/// <summary>
/// Requests an access token for a client's credentials (<see href="https://www.rfc-editor.org/rfc/rfc6749#section-4.4">RFC 6749 4.4</see>). The client
/// authenticates by <c>Basic</c>, which every server knows.
/// </summary>
internal sealed class TokenRequest(EndpointAuth auth, HttpMessageHandler connections) : IDisposable
{
    private const int MostBytes = 64 << 10;

    /// <summary>The longest time for which a token is kept; one that names none is kept until it is refused.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    private static readonly TimeSpan MostEarly = TimeSpan.FromMinutes(1);

    /// <summary>The faults that an answer may name. Any other text of it could repeat a secret.</summary>
    private static readonly FrozenSet<string> Faults =
    [
        "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope", "access_denied", "invalid_target",
        "server_error", "temporarily_unavailable", "slow_down",
    ];

    private readonly HttpMessageInvoker _client = new(connections, disposeHandler: false);
    private readonly Uri _url = WebhookUrl.AsSent(auth.TokenUrl!);

    /// <summary>The server, for errors. Its URL may bear more than others may see.</summary>
    public string Host => _url.Authority;

    /// <exception cref="NoCredentialsException">The server gives none.</exception>
    public async Task<AccessToken> SendAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            using var request = Create();
            using var response = await _client.SendAsync(request, cancellationToken);
            using var answer = await ReadAsync(response, cancellationToken);
            return response.IsSuccessStatusCode
                ? Token(answer, clock.GetUtcNow())
                : throw None($"HTTP status {(int)response.StatusCode}{(Text(answer, "error") is { } fault && Faults.Contains(fault) ? $", {fault}" : "")}");
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or NoCredentialsException) && FailureClassifier.Classify(exception) is var (reason, error))
        {
            throw None(error, reason == FailureReason.AddressRefused ? reason : FailureReason.Token);
        }
    }

    /// <summary>The connections are the endpoint's and stay.</summary>
    public void Dispose() => _client.Dispose();

    private HttpRequestMessage Create()
    {
        List<KeyValuePair<string, string>> form = [KeyValuePair.Create("grant_type", "client_credentials")];
        if (auth.Scope is { } scope)
        {
            form.Add(KeyValuePair.Create("scope", scope));
        }

        if (auth.Audience is { } audience)
        {
            form.Add(KeyValuePair.Create("audience", audience));
        }

        var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new FormUrlEncodedContent(form) };
        Authorizing.Set(request, Authorizing.Basic(WebUtility.UrlEncode(auth.ClientId!), WebUtility.UrlEncode(auth.ClientSecret!.Reveal())));
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", DeliveryRequest.UserAgent);
        return request;
    }

    /// <summary>The answer's JSON; null for another text, or a longer one.</summary>
    private static async Task<JsonDocument?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MostBytes];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        try
        {
            return length < buffer.Length ? JsonDocument.Parse(buffer.AsMemory(0, length)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private AccessToken Token(JsonDocument? answer, DateTimeOffset now)
    {
        if (Text(answer, "access_token") is not { Length: > 0 } token || token.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw None($"its answer has no access_token in JSON of less than {MostBytes} bytes");
        }

        if (!string.Equals(Text(answer, "token_type"), "Bearer", StringComparison.OrdinalIgnoreCase))
        {
            throw None("its answer has another token_type than Bearer");
        }

        var life = Life(answer!.RootElement);
        var early = life / 5 < MostEarly ? life / 5 : MostEarly;
        return new AccessToken($"Bearer {token}", now + life - early, now + life);
    }

    private static TimeSpan Life(JsonElement answer)
    {
        // Some servers write the number as text.
        var text = answer.TryGetProperty("expires_in", out var value) && value.ValueKind is JsonValueKind.Number or JsonValueKind.String ? value.ToString() : null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds < Longest.TotalSeconds
            ? TimeSpan.FromSeconds(Math.Max(0, seconds))
            : Longest;
    }

    private static string? Text(JsonDocument? answer, string name) =>
        answer?.RootElement is { ValueKind: JsonValueKind.Object } members && members.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? JsonBody.Decode(value)
            : null;

    private NoCredentialsException None(string error, string reason = FailureReason.Token) => new(reason, $"no access token from {Host}: {error}");
}
