using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using static System.FormattableString;

namespace Bench.Processes;

/// <summary>The registry of endpoints of a running service.</summary>
internal sealed class EndpointRegistry(ServiceProcess service) : IDisposable
{
    private static readonly Uri All = new("/api/v1/endpoints", UriKind.Relative);

    private readonly HttpClient _client = new() { BaseAddress = new Uri($"http://{service.Address}"), Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>Registers an endpoint and answers its id.</summary>
    public async Task<string> AddAsync(NewEndpoint endpoint, CancellationToken cancellationToken)
    {
        using var response = await _client.PostAsJsonAsync(All, endpoint, EndpointJson.Default.NewEndpoint, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new BenchException($"an endpoint was refused: {await response.Content.ReadAsStringAsync(cancellationToken)}");
        }

        return (await ReadAsync(response.Content, cancellationToken)).Id;
    }

    /// <summary>Registers so many endpoints that take all events, each with an address of its own.</summary>
    public async Task AddAllAsync(ReceiverProcess receiver, int count, CancellationToken cancellationToken)
    {
        for (var number = 0; number < count; number++)
        {
            await AddAsync(new NewEndpoint(Invariant($"endpoint {number}"), receiver.TargetOf(number)), cancellationToken);
        }
    }

    /// <summary>Deletes an endpoint; what waits for it becomes dead letters.</summary>
    public async Task DeleteAsync(string id, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, new Uri($"{All}/{id}?waiting=dead-letter", UriKind.Relative));
        request.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
        using var response = await _client.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>While an endpoint is disabled its deliveries wait.</summary>
    public async Task SetEnabledAsync(string id, bool enabled, CancellationToken cancellationToken)
    {
        using var response = await _client.PostAsync(new Uri($"{All}/{id}/{(enabled ? "enable" : "disable")}", UriKind.Relative), null, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>The number of deliveries that wait for an endpoint.</summary>
    public async Task<long> WaitingAsync(string id, CancellationToken cancellationToken)
    {
        using var response = await _client.GetAsync(new Uri($"{All}/{id}", UriKind.Relative), cancellationToken);
        response.EnsureSuccessStatusCode();
        return (await ReadAsync(response.Content, cancellationToken)).Health.Waiting;
    }

    /// <summary>Waits until no delivery waits for an endpoint.</summary>
    public async Task UntilEmptyAsync(string id, CancellationToken cancellationToken)
    {
        while (await WaitingAsync(id, cancellationToken) > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    public void Dispose() => _client.Dispose();

    private static async Task<KnownEndpoint> ReadAsync(HttpContent content, CancellationToken cancellationToken) =>
        await content.ReadFromJsonAsync(EndpointJson.Default.KnownEndpoint, cancellationToken) ?? throw new BenchException("an endpoint is null");
}

/// <summary>An endpoint as it is registered; what is not given is as the service has it by default.</summary>
internal sealed record NewEndpoint(string Name, Uri Url, NewFilter? Filter = null, BatchSettings? Batch = null, string? Ordering = null);

/// <summary>Takes the events of these types.</summary>
internal sealed record NewFilter(string[] EventTypes);

/// <summary>Gathers so many events at most into a request; the first waits so long for others.</summary>
internal sealed record BatchSettings(int MaxSize, string MaxWait);

/// <summary>A registered endpoint.</summary>
internal sealed record KnownEndpoint(string Id, KnownHealth Health);

/// <summary>The health of an endpoint: the deliveries that wait for it.</summary>
internal sealed record KnownHealth(long Waiting);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NewEndpoint))]
[JsonSerializable(typeof(KnownEndpoint))]
internal sealed partial class EndpointJson : JsonSerializerContext;
