using System.Net;
using AspireIntegration.Client.Json;
using AspireIntegration.Client.Transport;

namespace AspireIntegration.Client.Operating;

/// <summary>Reads the health of the service.</summary>
public sealed class HealthOperations
{
    private readonly ApiTransport _transport;

    internal HealthOperations(ApiTransport transport) => _transport = transport;

    /// <summary>Shows that the process answers.</summary>
    public Task<HealthAnswer> LiveAsync(CancellationToken cancellationToken = default) => ReadAsync("health/live", cancellationToken);

    /// <summary>
    /// Shows whether the service can do its work. It is <see cref="CheckStatus.Unhealthy"/> also where the answer is 503. Only callers with a scope
    /// see the checks.
    /// </summary>
    public Task<HealthAnswer> ReadyAsync(CancellationToken cancellationToken = default) => ReadAsync("health/ready", cancellationToken);

    private async Task<HealthAnswer> ReadAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _transport.At(path));
        using var answer = await _transport.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);

        // The service answers its health as JSON and refuses by problem details; a proxy has a page of its own.
        return answer.IsSuccessStatusCode || answer is { StatusCode: HttpStatusCode.ServiceUnavailable, Content.Headers.ContentType.MediaType: "application/json" }
            ? await ApiTransport.ReadAsync(answer, ClientJson.Default.HealthAnswer, cancellationToken).ConfigureAwait(false)
            : throw await Refusal.ReadAsync(answer, _transport.Clock, cancellationToken).ConfigureAwait(false);
    }
}
