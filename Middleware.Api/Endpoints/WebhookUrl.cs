using System.Buffers;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Middleware.Endpoints;

/// <summary>True for an IPv4 or IPv6 address, as text without brackets, that events may be sent to at a port.</summary>
internal delegate bool AddressCheck(string address, int port);

/// <summary>Reads the URL of an endpoint, so that the judged text is the address that is connected to.</summary>
internal static class WebhookUrl
{
    public const int MaxLength = 2_048;

    /// <summary>The accepted form, for errors.</summary>
    public const string Wanted = "expected an absolute http or https URL such as https://example.com/events";

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>The ports of other protocols than HTTP, which may take a request for commands (https://fetch.spec.whatwg.org/#port-blocking).</summary>
    private static readonly FrozenSet<int> BlockedPorts =
    [
        0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123,
        135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995,
        1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    ];

    /// <summary>The characters of a path or a query that need no encoding (RFC 3986).</summary>
    private static readonly SearchValues<char> PathCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?[]@!$&'()*+,;=");

    /// <summary>The options with which Uri does not decode letters and take /a/%2E%2E/b for /b.</summary>
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>
    /// Accepts an absolute http or https URL in ASCII without user name, password and fragment. Its host is a name or an address that
    /// <paramref name="allows"/> agrees to. A name is judged when it is connected to.
    /// </summary>
    public static bool TryParse(string? text, AddressCheck allows, [NotNullWhen(true)] out Uri? url, [NotNullWhen(false)] out string? fault)
    {
        url = null;
        fault = FaultIn(text);
        if (fault is not null)
        {
            return false;
        }

        fault = Uri.TryCreate(text, UriKind.Absolute, out var parsed) ? FaultIn(parsed, text!) ?? FaultInHost(parsed, allows) : Wanted;
        url = fault is null ? AsSent(text!) : null;
        return url is not null;
    }

    /// <summary>The reason for which no event is sent to a port; null for any other port.</summary>
    public static string? FaultInPort(int port) =>
        BlockedPorts.Contains(port) ? $"events are not sent to port {port}, which is of another protocol" : null;

    /// <summary>
    /// The URL of a request: the host in its plain form, path and query as they are written. Only characters that may not stand in them are
    /// percent-encoded.
    /// </summary>
    public static Uri AsSent(string text)
    {
        var url = new Uri(text);
        var behind = text.IndexOf("://", StringComparison.Ordinal) + 3;
        var path = text.AsSpan(behind).IndexOfAny('/', '?', '#') is >= 0 and var start ? text[(behind + start)..].Split('#')[0].TrimEnd() : "";
        var host = url.HostNameType == UriHostNameType.Dns ? url.IdnHost : url.Host;
        var authority = url.IsDefaultPort ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{url.Port}");
        return new Uri($"{url.Scheme}://{authority}{(path.StartsWith('/') ? "" : "/")}{Encoded(path)}", AsWritten);
    }

    /// <summary>A URL of an endpoint whose query is hidden. It has no user name and no fragment, so that the first question mark begins its query.</summary>
    public static string HideQuery(string url) => url.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query ? $"{url[..query]}?***" : url;

    private static string? FaultIn(string? text) => text switch
    {
        null or "" => Wanted,
        { Length: > MaxLength } => $"expected a URL of at most {MaxLength} characters",

        // Uri would make 127.0.0.1 of digits and dots of other scripts, pass over spaces at the ends and take a backslash for a slash.
        _ when text.AsSpan().ContainsAnyExceptInRange('!', '~') || text.Contains('\\', StringComparison.Ordinal) =>
            "expected a URL in visible ASCII without backslashes: a host's international name as xn--, other characters percent-encoded",
        _ => null,
    };

    private static string? FaultIn(Uri url, string text)
    {
        if (url.Scheme is not ("http" or "https") || url.Port < 1 || url.HostNameType is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6))
        {
            return Wanted;
        }

        if (FaultInPort(url.Port) is { } fault)
        {
            return $"{fault}; expected a port that browsers may use (https://fetch.spec.whatwg.org/#port-blocking)";
        }

        // Uri.UserInfo is as empty for http://@host as for http://host.
        var authority = text.AsSpan(text.IndexOf("://", StringComparison.Ordinal) + 3);
        authority = authority.IndexOfAny('/', '?', '#') is >= 0 and var end ? authority[..end] : authority;
        if (authority.Contains('@'))
        {
            return "expected a URL without user name and password";
        }

        return text.Contains('#', StringComparison.Ordinal) ? "expected a URL without a fragment" : null;
    }

    private static string? FaultInHost(Uri url, AddressCheck allows)
    {
        // Host leaves the zone out, and DnsSafeHost, which is connected to, does not.
        if (url.DnsSafeHost.Contains('%', StringComparison.Ordinal))
        {
            return "expected an IPv6 address without a zone";
        }

        var name = url.Host.TrimEnd('.');
        if (url.HostNameType == UriHostNameType.Dns)
        {
            // 127.0.0.08 or 127.0.0.1. is no address to Uri and may be one to a resolver.
            if (EndsInNumber(name))
            {
                return $"the host {url.Host} is neither a name nor an address; expected a name, or an address such as 192.0.2.1 or [2001:db8::1]";
            }

            if (name != "localhost" && !name.EndsWith(".localhost", StringComparison.Ordinal))
            {
                return null;
            }
        }

        var address = url.HostNameType == UriHostNameType.Dns ? "127.0.0.1" : url.DnsSafeHost;
        return allows(address, url.Port) ? null : $"events are not sent to {url.Host}; expected a public address, or one in ALLOWED_NETWORKS";
    }

    private static string Encoded(string path)
    {
        if (!path.AsSpan().ContainsAnyExcept(PathCharacters))
        {
            return path;
        }

        var encoded = new StringBuilder(path.Length);
        for (var index = 0; index < path.Length; index++)
        {
            var isEncoded = path[index] == '%' && index + 2 < path.Length && HexDigits.Contains(path[index + 1]) && HexDigits.Contains(path[index + 2]);
            var length = char.IsHighSurrogate(path[index]) && index + 1 < path.Length ? 2 : 1;
            var character = path.AsSpan(index, length);
            encoded.Append(isEncoded || PathCharacters.Contains(path[index]) ? character : Uri.EscapeDataString(character));
            index += length - 1;
        }

        return encoded.ToString();
    }

    private static bool EndsInNumber(string name)
    {
        var last = name.AsSpan(name.LastIndexOf('.') + 1);
        return !last.ContainsAnyExceptInRange('0', '9')
            || last.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && !last[2..].ContainsAnyExcept(HexDigits);
    }
}
