using System.Collections.Frozen;
using Middleware.Http;
using ServiceDefaults.Settings;

namespace Middleware.Callers;

/// <summary>The scopes of client certificates, by a name of the certificate: its common name, or a DNS name of its subject alternative names.</summary>
internal static class CertificateSettings
{
    /// <summary>Reads <c>CERT_SCOPES</c>, such as <c>scraper.internal=metrics,billing=events:write events:read</c>.</summary>
    public static FrozenDictionary<string, Scopes> Read(SettingsReader settings)
    {
        var text = settings.Text(Setting.CertScopes.Name) ?? "";
        var scopes = new Dictionary<string, Scopes>(StringComparer.Ordinal);
        foreach (var entry in SettingsReader.Entries(text))
        {
            var equals = entry.LastIndexOf('=');
            var found = equals < 1 ? [] : entry[(equals + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ScopeNames.Find).ToList();
            if (found.Count == 0 || found.Contains(null) || !scopes.TryAdd(entry[..equals].Trim(), found.Aggregate(Scopes.None, static (all, scope) => all | scope!.Value)))
            {
                settings.Refuse(
                    Setting.CertScopes.Name,
                    text,
                    $"expected name=scope, such as billing.internal=events:write events:read, each name once, separated by commas; scopes are {string.Join(", ", ScopeNames.Single.Texts)}");
                break;
            }
        }

        return scopes.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
