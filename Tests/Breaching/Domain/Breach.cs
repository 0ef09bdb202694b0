using Tests.Breaching.Outbound;

namespace Tests.Breaching.Domain;

/// <summary>Breaks the rules on purpose, where it is hard to see: <see cref="ArchitectureTests"/> must find it.</summary>
internal static class Breach
{
    public static readonly Func<Task<string>> Hidden = async () =>
    {
        await Task.Yield();
        using var http = new HttpClient();
        return http + Forbidden.Name();
    };
}
