using AspireIntegration.Client;

namespace AspireIntegration.Console;

/// <summary>The person who looks at a page, as the middleware knows them. Pages offer what their scopes allow; the middleware judges each request.</summary>
public sealed class Caller(AspireIntegrationClient api)
{
    private IReadOnlyList<string> _scopes = [];

    /// <summary>The API in their name.</summary>
    public AspireIntegrationClient Api => api;

    /// <summary>The name in the audit log; null until it is known.</summary>
    public string? Name { get; private set; }

    /// <summary>The person beside a key that several share.</summary>
    public string Person => Name is { Length: > 0 } name ? new string([.. name.Where(static letter => letter is > ' ' and <= '~').Take(128)]) : "console";

    /// <summary>Their scopes.</summary>
    public IReadOnlyList<string> Scopes => _scopes;

    /// <summary>Asks who they are.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var me = await api.Me.GetAsync(cancellationToken);
        (_scopes, Name) = (me.Scopes, me.Name);
    }

    /// <summary>True when their scopes allow one of these.</summary>
    public bool May(params ReadOnlySpan<string> scopes)
    {
        foreach (var scope in scopes)
        {
            if (_scopes.Contains(scope))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when they may see events, with or without payloads.</summary>
    public bool Reads => May("events:read", "payloads:read");

    /// <summary>True when they may see payloads and the answers of receivers.</summary>
    public bool SeesPayloads => May("payloads:read");

    /// <summary>True when they may replay, discard, enable and disable.</summary>
    public bool Operates => May("operate");

    /// <summary>True when they may change endpoints.</summary>
    public bool Configures => May("endpoints:write");

    /// <summary>True when they may make keys, read the audit log and erase.</summary>
    public bool Administers => May("admin");
}
