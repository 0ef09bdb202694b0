using System.Net;
using System.Text.RegularExpressions;

namespace Tests.Console.SigningIn;

/// <summary>A person with a browser at the console: it keeps cookies, and follows no redirect by itself.</summary>
internal sealed partial class ConsolePerson : IDisposable
{
    private readonly SocketsHttpHandler _handler = new() { AllowAutoRedirect = false };
    private readonly HttpClient _http;

    public ConsolePerson(Uri console) => _http = new HttpClient(_handler) { BaseAddress = console };

    /// <summary>The cookies of the browser.</summary>
    public CookieContainer Cookies => _handler.CookieContainer;

    /// <summary>Opens a page: its status, its text and where it leads.</summary>
    public async Task<ConsoleAnswer> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(path, Waiting.Cancellation);
        return await ReadAsync(answer);
    }

    /// <summary>Opens a page and gives the path that it leads to; null where it leads nowhere.</summary>
    public async Task<string?> LedToAsync(string path) => (await GetAsync(path)).Location;

    /// <summary>Fills in the form of the sign-in page and gives the path that it leads to.</summary>
    public async Task<string?> SignInAsync(string key, string? returnUrl = "/") => (await PostAsync("/sign-in/key", [("key", key), ("return", returnUrl)])).Location;

    /// <summary>Sends a form with the token of the sign-in page, or with another one.</summary>
    public async Task<ConsoleAnswer> PostAsync(string path, (string Name, string? Value)[] fields, string? token = null)
    {
        token ??= Token().Match((await GetAsync("/sign-in")).Text).Groups[1].Value;
        using var form = new FormUrlEncodedContent(
            [new("__RequestVerificationToken", token), .. fields.Where(static field => field.Value is not null).Select(static field => KeyValuePair.Create(field.Name, field.Value!))]);
        using var answer = await _http.PostAsync(path, form, Waiting.Cancellation);
        return await ReadAsync(answer);
    }

    public void Dispose() => _http.Dispose();

    private static async Task<ConsoleAnswer> ReadAsync(HttpResponseMessage answer) => new(
        answer.StatusCode,
        answer.Headers.Location is not { } location ? null : location.IsAbsoluteUri && location.Host == answer.RequestMessage!.RequestUri!.Host && location.Port == answer.RequestMessage.RequestUri.Port ? location.PathAndQuery : location.OriginalString,
        await answer.Content.ReadAsStringAsync(Waiting.Cancellation),
        [.. answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : []]);

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}

/// <summary>An answer of the console.</summary>
/// <param name="Status">The status.</param>
/// <param name="Location">The path of this console, or the address elsewhere, that it leads to; null for none.</param>
/// <param name="Text">The body.</param>
/// <param name="Cookies">The cookies that it sets, with their attributes.</param>
internal sealed record ConsoleAnswer(HttpStatusCode Status, string? Location, string Text, IReadOnlyList<string> Cookies);
