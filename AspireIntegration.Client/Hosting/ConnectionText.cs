namespace AspireIntegration.Client.Hosting;

/// <summary>Reads a connection string: a URL, or <c>Endpoint=...;Key=...</c>.</summary>
internal static class ConnectionText
{
    public const string Address = "an absolute http, https, https+http or http+https URL without user name, query and fragment";

    /// <summary>True for an address of the service.</summary>
    public static bool IsAddress(Uri address) =>
        address.IsAbsoluteUri
        && address is { Scheme: "http" or "https" or "https+http" or "http+https", Host.Length: > 0, UserInfo: "", Query: "", Fragment: "" };

    /// <summary>An address without its user name and query, which may be credentials.</summary>
    public static string Shown(Uri address) =>
        address.IsAbsoluteUri ? address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) : address.OriginalString;

    /// <summary>Reads a connection string into settings. Its parts replace those of the configuration.</summary>
    /// <returns>The faults, without the text: it may have a key.</returns>
    public static IEnumerable<string> Read(string name, string text, AspireIntegrationClientSettings into)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var whole) && IsAddress(whole))
        {
            into.Endpoint = whole;
            return [];
        }

        var faults = new List<string>();
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (member, value) = part.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (part[..at].Trim(), part[(at + 1)..].Trim()) : ("", "");
            switch (member.ToLowerInvariant())
            {
                case "endpoint" when Uri.TryCreate(value, UriKind.Absolute, out var address) && IsAddress(address):
                    into.Endpoint = address;
                    break;
                case "endpoint":
                    faults.Add($"ConnectionStrings:{name} has an Endpoint that is not valid; expected {Address}");
                    break;
                case "key" when value.Length > 0:
                    (into.Key, into.KeyFile) = (value, null);
                    break;
                default:
                    faults.Add($"ConnectionStrings:{name} is not valid; expected {Address}, or Endpoint=<URL>;Key=<API key>");
                    break;
            }
        }

        return faults.Distinct();
    }
}
