using ServiceDefaults.Settings;

namespace AspireIntegration.Console;

/// <summary>The settings of the console.</summary>
internal sealed record ConsoleSettings
{
    public const int DefaultPort = 8082;
    public const string MiddlewareUrlName = "MIDDLEWARE_URL";
    public const string KeyName = "CONSOLE_KEY";
    public const string AuthorityName = "CONSOLE_OIDC_AUTHORITY";
    public const string ClientIdName = "CONSOLE_OIDC_CLIENT_ID";
    public const string ClientSecretName = "CONSOLE_OIDC_CLIENT_SECRET";
    public const string ScopesName = "CONSOLE_OIDC_SCOPES";
    public const string TraceUrlName = "CONSOLE_TRACE_URL";
    public const string TraceId = "{trace_id}";
    public const string DataDirName = "DATA_DIR";

    /// <summary>The address of the middleware, or its name for service discovery.</summary>
    public required Uri Middleware { get; init; }

    /// <summary>The API key of everybody, in Development alone; null for none.</summary>
    public string? Key { get; init; }

    /// <summary>The provider of OpenID Connect; null for none.</summary>
    public Oidc? Provider { get; init; }

    /// <summary>The page of a trace, with <see cref="TraceId"/> for its id; null where traces are not linked.</summary>
    public string? TraceUrl { get; init; }

    /// <summary>The folder that keeps the keys of the cookies.</summary>
    public required string DataDir { get; init; }

    public static ConsoleSettings Read(SettingsReader settings, bool isDevelopment)
    {
        var key = settings.Text(KeyName) is { Length: > 0 } text ? text : null;
        if (key is not null && !isDevelopment)
        {
            settings.Refuse(KeyName, "***", "expected none outside Development, where everybody who reaches the console would act by it: people sign in with keys of their own");
        }

        if (key?.AsSpan().ContainsAnyExceptInRange('!', '~') == true)
        {
            settings.Refuse(KeyName, "***", "expected visible ASCII characters");
        }

        return new ConsoleSettings
        {
            Middleware = settings.HttpUrl(MiddlewareUrlName, "", "http://middleware:8080") ?? new Uri("https+http://middleware"),
            Key = key,
            Provider = Oidc.Read(settings),
            TraceUrl = ReadTraceUrl(settings),
            DataDir = Path.GetFullPath(settings.Text(DataDirName) is { Length: > 0 } folder ? folder : Path.Combine(AppContext.BaseDirectory, "data")),
        };
    }

    private static string? ReadTraceUrl(SettingsReader settings)
    {
        if (settings.Text(TraceUrlName) is not { Length: > 0 } url)
        {
            return null;
        }

        if (url.Contains(TraceId, StringComparison.Ordinal) && Uri.TryCreate(url.Replace(TraceId, "0", StringComparison.Ordinal), UriKind.Absolute, out var page) && page.Scheme is "http" or "https")
        {
            return url;
        }

        settings.Refuse(TraceUrlName, SettingsReader.WithoutCredentials(url), $"expected an http or https URL with {TraceId} in it, such as https://traces.example.com/trace/{TraceId}");
        return null;
    }

    /// <summary>A provider of OpenID Connect, and the console as its client.</summary>
    /// <param name="Authority">The address of the provider.</param>
    /// <param name="ClientId">The id of the client.</param>
    /// <param name="ClientSecret">The secret of the client; null for a public one.</param>
    /// <param name="Scopes">The scopes that are asked for beside <c>openid</c> and <c>profile</c>.</param>
    internal sealed record Oidc(Uri Authority, string ClientId, string? ClientSecret, IReadOnlyList<string> Scopes)
    {
        public static Oidc? Read(SettingsReader settings)
        {
            var clientId = settings.Text(ClientIdName);
            if (settings.HttpUrl(AuthorityName, "", "https://login.example.com") is not { } authority)
            {
                if (settings.IsGiven(ClientIdName) && !settings.IsGiven(AuthorityName))
                {
                    settings.Refuse(ClientIdName, clientId ?? "", $"expected {AuthorityName} with it");
                }

                return null;
            }

            if (authority is { IsLoopback: false, Scheme: "http" })
            {
                settings.Refuse(AuthorityName, authority.OriginalString, "expected https: who changes the keys of the provider on the way is everybody");
            }

            if (string.IsNullOrWhiteSpace(clientId))
            {
                settings.Refuse(ClientIdName, clientId ?? "", $"expected the client id that the provider of {AuthorityName} gave");
                return null;
            }

            return new Oidc(
                authority, clientId, settings.Text(ClientSecretName) is { Length: > 0 } secret ? secret : null,
                (settings.Text(ScopesName) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
    }
}
