using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Tests.Console.SigningIn;

/// <summary>A person with a browser at the console: it keeps cookies, and follows no redirect by itself.</summary>
internal sealed partial class ConsolePerson : IDisposable
{
    private readonly Dictionary<string, string> _cookies;
    private readonly HttpClient _http;

    public ConsolePerson(Uri console)
        : this(console, [])
    {
    }

    private ConsolePerson(Uri console, Dictionary<string, string> cookies) =>
        (_http, _cookies) = (new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = console }, cookies);

    /// <summary>The headers of each request.</summary>
    public HttpRequestHeaders Headers => _http.DefaultRequestHeaders;

    /// <summary>The same browser at another address.</summary>
    public ConsolePerson At(Uri console) => new(console, new(_cookies));

    /// <summary>Opens a page: its status, its text and where it leads.</summary>
    public async Task<ConsoleAnswer> GetAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await SendAsync(request);
    }

    /// <summary>Opens a page and gives the path that it leads to; null where it leads nowhere.</summary>
    public async Task<string?> LedToAsync(string path) => (await GetAsync(path)).Location;

    /// <summary>Fills in the form of the sign-in page and gives the path that it leads to.</summary>
    public async Task<string?> SignInAsync(string key, string? returnUrl = "/") => (await PostAsync("/sign-in/key", [("key", key), ("return", returnUrl)])).Location;

    /// <summary>Sends a form with the token of the sign-in page, or with another one.</summary>
    public async Task<ConsoleAnswer> PostAsync(string path, (string Name, string? Value)[] fields, string? token = null)
    {
        token ??= await TokenAsync("/sign-in");
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = new FormUrlEncodedContent(
            [new("__RequestVerificationToken", token), .. fields.Where(static field => field.Value is not null).Select(static field => KeyValuePair.Create(field.Name, field.Value!))]);
        return await SendAsync(request);
    }

    /// <summary>Opens a page with a form and gives its token.</summary>
    public async Task<string> TokenAsync(string path) => Token().Match((await GetAsync(path)).Text).Groups[1].Value;

    public void Dispose() => _http.Dispose();

    private async Task<ConsoleAnswer> SendAsync(HttpRequestMessage request)
    {
        // Also cookies that go by TLS alone: a proxy with it is only said to be there.
        _ = _cookies.Count == 0 || request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", _cookies.Select(static cookie => $"{cookie.Key}={cookie.Value}")));
        using var answer = await _http.SendAsync(request, Waiting.Cancellation);
        IReadOnlyList<string> given = [.. answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : []];
        foreach (var cookie in given.Select(static cookie => cookie.Split(';')[0].Split('=', 2)))
        {
            _ = cookie[1].Length == 0 ? _cookies.Remove(cookie[0]) : (_cookies[cookie[0]] = cookie[1]).Length > 0;
        }

        return new(answer.StatusCode, answer.Headers.Location is { } location ? Shown(location) : null, await answer.Content.ReadAsStringAsync(Waiting.Cancellation), given);
    }

    /// <summary>An address of this console as a path, under any scheme: a proxy may have TLS.</summary>
    private string Shown(Uri location) =>
        location.IsAbsoluteUri && location.Scheme is "http" or "https" && location.Authority == _http.BaseAddress!.Authority ? location.PathAndQuery : location.OriginalString;

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}

/// <summary>An answer of the console.</summary>
/// <param name="Status">The status.</param>
/// <param name="Location">The path of this console, or the address elsewhere, that it leads to; null for none.</param>
/// <param name="Text">The body.</param>
/// <param name="Cookies">The cookies that it sets, with their attributes.</param>
internal sealed record ConsoleAnswer(HttpStatusCode Status, string? Location, string Text, IReadOnlyList<string> Cookies);
