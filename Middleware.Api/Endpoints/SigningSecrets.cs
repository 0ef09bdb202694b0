namespace Middleware.Endpoints;

/// <summary>The secrets that sign an endpoint's deliveries: its own, and for 24 h after a change the replaced one.</summary>
internal sealed record SigningSecrets(WebhookSecret Current)
{
    /// <summary>The time for which a replaced secret goes on signing.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    /// <summary>The replaced secret; null for none.</summary>
    public ReplacedSecret? Previous { get; init; }

    /// <summary>
    /// Replaces the current secret, which goes on signing for 24 h from <paramref name="now"/>. Two sign at most: a second change within that time
    /// ends the oldest at once, because it may no longer be trusted. The same secret again changes nothing.
    /// </summary>
    public SigningSecrets Rotate(WebhookSecret next, DateTimeOffset now) =>
        next.Equals(Current) ? this : new SigningSecrets(next) { Previous = new ReplacedSecret(Current, now + Overlap) };

    /// <summary>
    /// The value of <c>webhook-signature</c>: the current secret's signature, then a space and that of the replaced one while it counts.
    /// </summary>
    public string SignatureHeader(string id, long timestamp, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        var signature = Current.Sign(id, timestamp, body);
        return Previous is { } previous && now < previous.ExpiresAt ? $"{signature} {previous.Secret.Sign(id, timestamp, body)}" : signature;
    }
}

/// <summary>A replaced secret, which signs until <paramref name="ExpiresAt"/>.</summary>
internal sealed record ReplacedSecret(WebhookSecret Secret, DateTimeOffset ExpiresAt);
