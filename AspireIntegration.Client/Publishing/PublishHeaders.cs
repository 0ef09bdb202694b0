namespace AspireIntegration.Client.Publishing;

/// <summary>The headers of events that are published.</summary>
internal static class PublishHeaders
{
    public const string IdempotencyKey = "Idempotency-Key";
    public const string CorrelationId = "X-Correlation-ID";

    private const string Replayed = "Idempotency-Replayed";

    /// <summary>The given key, or one that no other request has.</summary>
    public static string KeyOf(string? given, TimeProvider clock) =>
        Checked("idempotency key", given, 255) ?? Guid.CreateVersion7(clock.GetUtcNow()).ToString("n");

    /// <summary>A value that can stand in a header: otherwise the request would fail as a network fault does, and be retried.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    public static string? Checked(string name, string? value, int longest) =>
        value is null || (value.Length > 0 && value.Length <= longest && !value.AsSpan().ContainsAnyExceptInRange('!', '~'))
            ? value
            : throw new ArgumentException($"\"{value}\" is not valid as {name}; expected 1 to {longest} visible ASCII characters");

    /// <summary>True when the answer is that to an earlier request with the same key.</summary>
    public static bool IsReplayed(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues(Replayed, out var values) && values.Contains("true", StringComparer.OrdinalIgnoreCase);
}
