using System.Diagnostics.CodeAnalysis;
using ServiceDefaults.Settings;

namespace Middleware.Endpoints;

/// <summary>The proxy of an endpoint's deliveries, or their direct way past the default proxy.</summary>
/// <param name="Url">Scheme, host and port; null for the direct way.</param>
internal sealed record OutboundProxy(Uri? Url)
{
    public static readonly OutboundProxy Direct = new((Uri?)null);

    private const string DirectName = "direct";
    private const string Wanted = "expected the URL of an HTTP proxy without a path, such as http://proxy.internal:3128";

    /// <summary>The text that <see cref="TryParse"/> accepts.</summary>
    public string Text => Url?.GetLeftPart(UriPartial.Authority) ?? DirectName;

    /// <summary>Reads the text of <see cref="Text"/>, judged before.</summary>
    public static OutboundProxy Stored(string text) => text == DirectName ? Direct : new(new Uri(text));

    /// <summary>Accepts <c>direct</c> or the URL of a proxy without user name and password. Its host is judged as that of an endpoint.</summary>
    public static bool TryParse(string text, AddressCheck allows, [NotNullWhen(true)] out OutboundProxy? proxy, [NotNullWhen(false)] out string? fault)
    {
        if (text == DirectName)
        {
            (proxy, fault) = (Direct, null);
            return true;
        }

        var isProxy = TryParseUrl(text, allows, out proxy, out fault);
        fault = fault == Wanted ? $"{fault}, or {DirectName} for none" : fault;
        return isProxy;
    }

    public static bool TryParseUrl(string text, AddressCheck allows, [NotNullWhen(true)] out OutboundProxy? proxy, [NotNullWhen(false)] out string? fault)
    {
        var isUrl = WebhookUrl.TryParse(text, allows, out var url, out fault);
        fault = fault == WebhookUrl.Wanted || (isUrl && (url!.Scheme != Uri.UriSchemeHttp || url.PathAndQuery != "/")) ? Wanted : fault;
        proxy = fault is null ? new OutboundProxy(url) : null;
        return proxy is not null;
    }

    public override string ToString() => Text;
}

/// <summary>The proxy of the endpoints that name none (<c>OUTBOUND_PROXY</c>); null for the direct way.</summary>
internal sealed record DefaultProxy(Uri? Url)
{
    public static DefaultProxy Read(SettingsReader settings)
    {
        if (settings.Text(Setting.OutboundProxy.Name) is not { Length: > 0 } text)
        {
            return new DefaultProxy((Uri?)null);
        }

        // The address is judged where an endpoint uses it: the built-in one may use any.
        if (OutboundProxy.TryParseUrl(text, static (_, _) => true, out var proxy, out var fault))
        {
            return new DefaultProxy(proxy.Url);
        }

        settings.Refuse(Setting.OutboundProxy.Name, SettingsReader.WithoutCredentials(text), $"{fault}, or nothing for none");
        return new DefaultProxy((Uri?)null);
    }

    /// <summary>The proxy of an endpoint's connections; null for the direct way.</summary>
    public Uri? Of(WebhookEndpoint endpoint) => endpoint.Proxy is { } own ? own.Url : Url;
}
