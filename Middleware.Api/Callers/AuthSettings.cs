using Middleware.Http;
using ServiceDefaults.Settings;

namespace Middleware.Callers;

/// <summary>The ways in which callers show who they are.</summary>
[Flags]
internal enum AuthModes
{
    Off = 0,
    Keys = 1,
    Jwt = 2,
    Cert = 4,
}

/// <summary>
/// The settings of <c>AUTH</c>: which credentials are asked for. By default those that are configured. In Development none need be; elsewhere the service
/// refuses to start without a choice.
/// </summary>
internal sealed record AuthSettings(AuthModes Modes, bool IsChosenOff)
{
    private const string ClientAuthorities = "TLS_CLIENT_CA";
    private const string ExpectedKey = "expected a key as `Middleware.Api keys new` prints it, or its digest sha256: and 64 hexadecimal digits";

    private static readonly (string Name, AuthModes Mode)[] Names = [("off", AuthModes.Off), ("keys", AuthModes.Keys), ("jwt", AuthModes.Jwt), ("cert", AuthModes.Cert)];

    /// <summary>SHA-256 of the admin key; empty for none.</summary>
    public byte[] AdminDigest { get; private init; } = [];

    /// <summary>The tokens; null where none are accepted.</summary>
    public TokenSettings? Tokens { get; init; }

    /// <summary>The scopes of client certificates, by their names.</summary>
    public IReadOnlyDictionary<string, Scopes> CertificateScopes { get; init; } = new Dictionary<string, Scopes>();

    /// <summary>True when every request is let through.</summary>
    public bool IsOff => Modes == AuthModes.Off;

    public static AuthSettings Read(SettingsReader settings)
    {
        var admin = ReadAdmin(settings);
        var tokens = TokenSettings.Read(settings);
        var certificates = CertificateSettings.Read(settings);
        var configured = (admin is not null ? AuthModes.Keys : 0) | (tokens is null ? 0 : AuthModes.Jwt) | (certificates.Count > 0 ? AuthModes.Cert : 0);
        var text = settings.Text(Setting.Auth.Name) ?? "";
        var entries = SettingsReader.Entries(text);
        if (!entries.All(static entry => Array.Exists(Names, known => known.Name == entry)) || (entries.Contains("off") && entries.Count > 1))
        {
            settings.Refuse(Setting.Auth.Name, text, "expected off, or some of keys,jwt,cert, separated by commas");
            return new AuthSettings(configured, IsChosenOff: false);
        }

        var modes = entries.Count == 0 ? configured : entries.Aggregate(AuthModes.Off, static (all, entry) => all | Array.Find(Names, known => known.Name == entry).Mode);
        if (settings.Failures.Count == 0)
        {
            // A faulty credential is no missing one.
            RefuseMissing(settings, text, modes, configured, isOff: entries.Contains("off"));
        }

        return new AuthSettings(modes, entries.Contains("off")) { AdminDigest = admin ?? [], Tokens = modes.HasFlag(AuthModes.Jwt) ? tokens : null, CertificateScopes = certificates };
    }

    private static void RefuseMissing(SettingsReader settings, string text, AuthModes modes, AuthModes configured, bool isOff)
    {
        // Keys are made by a caller who is an admin already, by a token or a certificate if not by the admin key.
        var missing = modes == AuthModes.Keys && configured == 0 ? "keys needs ADMIN_KEY_FILE (or ADMIN_KEY), with which the first key is made"
            : modes.HasFlag(AuthModes.Jwt) && !configured.HasFlag(AuthModes.Jwt) ? "jwt needs JWT_AUTHORITY or JWT_JWKS_FILE, and JWT_AUDIENCE"
            : modes.HasFlag(AuthModes.Cert) && !(configured.HasFlag(AuthModes.Cert) && settings.IsGiven(ClientAuthorities)) ? "cert needs TLS_CLIENT_CA_FILE and CERT_SCOPES"
            : null;
        if (missing is not null)
        {
            settings.Refuse(Setting.Auth.Name, text, missing);
        }
        else if (modes == AuthModes.Off && !isOff && settings.Text(HostDefaults.EnvironmentKey) != Environments.Development)
        {
            settings.Refuse(
                Setting.Auth.Name,
                text,
                "callers must show who they are outside Development: give ADMIN_KEY_FILE (or ADMIN_KEY) for API keys, JWT_AUTHORITY or JWT_JWKS_FILE with JWT_AUDIENCE for tokens, "
                + "TLS_CLIENT_CA_FILE with CERT_SCOPES for client certificates, or AUTH=off to let everybody do everything");
        }
    }

    /// <summary>Null for none, empty for a faulty one.</summary>
    private static byte[]? ReadAdmin(SettingsReader settings)
    {
        if (settings.Text(Setting.AdminKey.Name) is not { Length: > 0 } text)
        {
            return null;
        }

        var digest = KeyText.IsKey(text) ? KeyText.DigestOf(text) : KeyText.ReadDigest(text);
        if (digest is null)
        {
            settings.Refuse(Setting.AdminKey.Name, "(hidden)", ExpectedKey);
        }

        return digest ?? [];
    }
}
