namespace Tests.Breaching.Outbound;

/// <summary>A type that <see cref="Domain.Breach"/> must not use.</summary>
internal static class Forbidden
{
    public static string Name() => nameof(Forbidden);
}
