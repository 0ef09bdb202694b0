using Tests.Middleware.Callers;

namespace Tests.Console.SigningIn;

/// <summary>A console on a middleware that asks for keys. It can end and start again.</summary>
internal sealed class ConsoleStage : IAsyncDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly (string Name, string Value)[] _settings;

    private ConsoleStage(KeyedService keyed, (string Name, string Value)[] settings)
    {
        (Keyed, _settings) = (keyed, settings);
        keyed.Service.UseKestrel();
        Console = New(_folder.Path);
    }

    public KeyedService Keyed { get; }

    public RunningConsole Console { get; private set; }

    /// <summary>Starts a console with settings.</summary>
    public static ConsoleStage Start(params (string Name, string Value)[] settings) => new(new KeyedService(), settings);

    /// <summary>Starts a console whose people sign in with a provider, of which the middleware takes tokens.</summary>
    public static ConsoleStage Start(SmallProvider provider, params (string Name, string Value)[] settings) => new(
        new KeyedService(("JWT_JWKS", provider.KeySet), ("JWT_ISSUER", provider.Issuer), ("JWT_AUDIENCE", MadeTokens.Audience)),
        [("CONSOLE_OIDC_AUTHORITY", provider.Issuer), ("CONSOLE_OIDC_CLIENT_ID", SmallProvider.ClientId), ("CONSOLE_OIDC_CLIENT_SECRET", SmallProvider.ClientSecret), ("CONSOLE_OIDC_SCOPES", "operate more"), .. settings]);

    /// <summary>A person who has just opened a browser.</summary>
    public ConsolePerson NewPerson() => new(Console.Address);

    /// <summary>Ends the console and starts it on the keys of cookies that are in a folder, by default its own.</summary>
    public async Task RestartAsync(string? folder = null)
    {
        await Console.DisposeAsync();
        Console = New(folder ?? _folder.Path);
    }

    public async ValueTask DisposeAsync()
    {
        await Console.DisposeAsync();
        await Keyed.DisposeAsync();
        _folder.Dispose();
    }

    private RunningConsole New(string folder) => new(Keyed.Service.Http.BaseAddress!, folder, _settings);
}
