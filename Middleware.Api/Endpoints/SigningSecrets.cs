namespace Middleware.Endpoints;

/// <summary>What an endpoint's deliveries are signed with: its secret, and for 24 h after a change the one before.</summary>
internal sealed record SigningSecrets(WebhookSecret Current)
{
    /// <summary>How long the secret before goes on signing.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    /// <summary>The one before; null when there is none.</summary>
    public ReplacedSecret? Previous { get; init; }

    /// <summary>
    /// Puts a new secret in the place of the current one, which goes on signing for 24 h from <paramref name="now"/>. Two sign at most: a
    /// second change within that time lets the oldest go at once, for who changes again may no longer trust it. The same secret again
    /// changes nothing.
    /// </summary>
    public SigningSecrets Rotate(WebhookSecret next, DateTimeOffset now) =>
        next.Equals(Current) ? this : new SigningSecrets(next) { Previous = new ReplacedSecret(Current, now + Overlap) };

    /// <summary>The value of <c>webhook-signature</c>: the current secret's signature, then a space and that of the one before while it counts.</summary>
    public string SignatureHeader(string id, long timestamp, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        var signature = Current.Sign(id, timestamp, body);
        return Previous is { } previous && now < previous.ExpiresAt ? $"{signature} {previous.Secret.Sign(id, timestamp, body)}" : signature;
    }
}

/// <summary>A secret that was replaced and signs until <paramref name="ExpiresAt"/>.</summary>
internal sealed record ReplacedSecret(WebhookSecret Secret, DateTimeOffset ExpiresAt);
