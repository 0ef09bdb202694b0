using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AspireIntegration.Client.Transport;

/// <summary>Sends requests in the name of a caller, and reads the answers.</summary>
internal sealed class ApiTransport
{
    private readonly HttpClient _http;
    private readonly Func<CancellationToken, ValueTask<string?>> _credential;
    private readonly Uri _address;

    public ApiTransport(HttpClient http, Func<CancellationToken, ValueTask<string?>> credential, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(credential);
        var address = http.BaseAddress ?? throw new ArgumentException("The HttpClient has no BaseAddress; expected that of the service.", nameof(http));
        (_http, _credential, Clock) = (http, credential, clock);

        // A relative path takes the place of what stands behind the last slash.
        _address = address.AbsolutePath.EndsWith('/') ? address : new UriBuilder(address) { Path = address.AbsolutePath + "/" }.Uri;
    }

    public TimeProvider Clock { get; }

    /// <summary>Sends a request and reads what is answered.</summary>
    public async Task<T> SendAsync<T>(ApiRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(answer, type, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a request, of which the answer must be a success.</summary>
    /// <exception cref="AspireIntegrationException">The service refuses it.</exception>
    public async Task<HttpResponseMessage> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(request.Method, new Uri(_address, request.Path)) { Content = request.Content };
        if (request.IfMatch is not null)
        {
            message.Headers.Add("If-Match", request.IfMatch);
        }

        if (request.Operator is not null)
        {
            message.Headers.Add("X-Operator", request.Operator);
        }

        var answer = await SendAsync(message, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw await Refusal.ReadAsync(answer, Clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a request with the caller's credential, whatever is answered.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        if (await _credential(cancellationToken).ConfigureAwait(false) is { Length: > 0 } credential)
        {
            // Its value must not stand in the text of the fault that a header with it would be.
            message.Headers.Authorization = credential.AsSpan().ContainsAnyExceptInRange('!', '~')
                ? throw new InvalidOperationException("The credential is not valid; expected visible ASCII characters.")
                : new AuthenticationHeaderValue("Bearer", credential);
        }

        return await _http.SendAsync(message, completion, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The URL of a path below the address of the service.</summary>
    public Uri At(string path) => new(_address, path);

    /// <summary>Reads the body of an answer.</summary>
    /// <exception cref="HttpRequestException">It is not as the contract has it: another program answered, such as a proxy.</exception>
    public static async Task<T> ReadAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var body = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            try
            {
                return await JsonSerializer.DeserializeAsync(body, type, cancellationToken).ConfigureAwait(false) ?? throw new JsonException("The answer is null.");
            }
            catch (JsonException fault)
            {
                throw new HttpRequestException(
                    HttpRequestError.InvalidResponse,
                    $"The answer to {answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri?.AbsolutePath} is not {type.Type.Name} as JSON.",
                    fault,
                    answer.StatusCode);
            }
        }
    }
}
