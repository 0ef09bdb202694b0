using System.Runtime.CompilerServices;
using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Sending;

/// <summary>The credentials or secrets of an attempt could not be had. It is no exception that is retried below the fast tier.</summary>
/// <param name="reason">One of <see cref="FailureReason"/>.</param>
/// <param name="message">The error of the attempt, without any secret.</param>
internal sealed class NoCredentialsException(string reason, string message) : Exception(message)
{
    public string Reason => reason;
}

/// <summary>Reads the files that the secrets of endpoints refer to, at most once a second for each endpoint. An endpoint without references costs nothing.</summary>
internal sealed class EndpointSecrets(SecretsFolder folder, TimeProvider clock)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(1);

    private readonly ConditionalWeakTable<WebhookEndpoint, Known> _known = [];

    /// <summary>The endpoint with the texts of its files.</summary>
    /// <exception cref="NoCredentialsException">A file cannot be read, or its text cannot be used.</exception>
    public WebhookEndpoint Read(WebhookEndpoint endpoint)
    {
        if (!endpoint.HasReference)
        {
            return endpoint;
        }

        var now = clock.GetTimestamp();
        if (_known.TryGetValue(endpoint, out var known) && clock.GetElapsedTime(known.At, now) < KeptFor)
        {
            return known.Endpoint;
        }

        var read = endpoint with
        {
            Headers = Headers(endpoint.Headers),
            Auth = Auth(endpoint.Auth),
            Secrets = endpoint.SecretReference is { } reference ? Secrets(reference) : endpoint.Secrets,
            SecretReference = null,
        };
        _known.AddOrUpdate(endpoint, new Known(now, read));
        return read;
    }

    private DeliveryHeaders Headers(DeliveryHeaders headers) => DeliveryHeaders.TryParse(
        [.. headers.All.Concat(headers.Referring.Select(header => KeyValuePair.Create(header.Key, Text(header.Value)))).Select(static header => KeyValuePair.Create(header.Key, (string?)header.Value))],
        out var read,
        out var faults) ? read : throw Unusable(string.Join("; ", faults));

    private EndpointAuth? Auth(EndpointAuth? auth)
    {
        var read = auth?.WithSecrets(secret => secret.Reference is { } reference ? new SecretValue(Text(reference)) : secret);
        return read?.FaultInSecrets() is { } fault ? throw Unusable(fault) : read;
    }

    private SigningSecrets Secrets(string reference) => WebhookSecret.TryParse(Text(reference), out var secret, out var fault) ? new SigningSecrets(secret) : throw Unusable(fault);

    private string Text(string reference)
    {
        var (text, fault) = folder.ReadText(reference);
        return text ?? throw new NoCredentialsException(FailureReason.Secret, $"the secret {reference} cannot be read: {fault}");
    }

    private static NoCredentialsException Unusable(string fault) => new(FailureReason.Secret, $"the file of a secret has a text that cannot be used: {fault}");

    private sealed record Known(long At, WebhookEndpoint Endpoint);
}
