using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using AngleSharp.Dom;
using AspireIntegration.Client;
using AspireIntegration.Client.Operating;
using AspireIntegration.Console;
using AspireIntegration.Console.Streaming;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.FluentUI.AspNetCore.Components;
using Tests.Middleware;
using KeyedService = Tests.Middleware.Callers.KeyedService;

namespace Tests.Console.Pages;

/// <summary>A tab of the console. Its pages ask a middleware in this process in the name of somebody.</summary>
internal sealed class OpenConsole : BunitContext
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly Caller _caller;

    static OpenConsole() => DefaultWaitTimeout = Bound;

    private OpenConsole(AspireIntegrationClient api)
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        _caller = new Caller(api);
        Services.AddSingleton<TimeProvider>(Clock);
        Services.AddFluentUIComponents();
        Services.AddSingleton(new ConsoleSettings { Middleware = new Uri("http://middleware.test:8080"), DataDir = "." });
        Services.AddSingleton<IEventFeed>(Stream);
    }

    public TestClock Clock { get; } = new();

    public ScriptedFeed Stream { get; } = new();

    /// <summary>The address that is shown, without its host.</summary>
    public string Address => "/" + Navigation.ToBaseRelativePath(Navigation.Uri);

    /// <summary>The addresses to which pages led. A page stays open here that a browser would leave.</summary>
    public IEnumerable<string> Went => ((BunitNavigationManager)Navigation).History.Select(static went => went.Uri);

    private NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    /// <summary>The console of somebody who may do everything.</summary>
    public static Task<OpenConsole> Of(MiddlewareService service) => Of(service.Http, null);

    /// <summary>The console of somebody who has a key of these scopes.</summary>
    public static async Task<OpenConsole> Of(KeyedService service, string scopes) => await Of(service.Service.Http, (await service.Make(scopes)).Text);

    /// <summary>The console of somebody who has a key.</summary>
    public static async Task<OpenConsole> Of(HttpClient http, string? key)
    {
        var console = new OpenConsole(new AspireIntegrationClient(http, key));
        await console._caller.LoadAsync(Waiting.Cancellation);
        return console;
    }

    /// <summary>The console of a middleware that answers as a test says.</summary>
    public static Task<OpenConsole> Of(ScriptedMiddleware middleware) => Of(new HttpClient(middleware) { BaseAddress = new Uri("http://middleware.test") }, null);

    /// <summary>Opens a page by its address.</summary>
    public IRenderedComponent<T> Open<T>(string address, Action<ComponentParameterCollectionBuilder<T>>? parameters = null)
        where T : IComponent
    {
        Navigation.NavigateTo(address);
        return Render<T>(builder =>
        {
            builder.AddCascadingValue(_caller);
            parameters?.Invoke(builder);
        });
    }
}

/// <summary>Looks at pages as tests do.</summary>
internal static class OpenPages
{
    /// <summary>The text of the page, with each run of blanks as one.</summary>
    public static string Text<T>(this IRenderedComponent<T> page)
        where T : IComponent => Texts([.. page.Nodes]);

    /// <summary>The texts in some nodes, with one blank between those of two elements.</summary>
    public static string Texts(params INode[] nodes) =>
        string.Join(' ', string.Join(' ', nodes.SelectMany(static node => node.GetDescendantsAndSelf().OfType<IText>()).Select(static text => text.Data)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Waits until the page says so.</summary>
    public static void Sees<T>(this IRenderedComponent<T> page, string text)
        where T : IComponent => page.WaitForAssertion(() => Assert.Contains(text, page.Text(), StringComparison.Ordinal));

    /// <summary>The button of this name; null where it is not offered.</summary>
    public static IElement? Button<T>(this IRenderedComponent<T> page, string name)
        where T : IComponent => page.FindAll("button, fluent-button").FirstOrDefault(button => (button.GetAttribute("aria-label") ?? button.TextContent).Trim() == name);

    /// <summary>Presses the button of this name, once it is there.</summary>
    public static Task Press<T>(this IRenderedComponent<T> page, string name)
        where T : IComponent
    {
        page.WaitForState(() => page.Button(name) is not null);
        return page.Button(name)!.ClickAsync(new());
    }

    /// <summary>Waits until there are so many rows.</summary>
    public static IReadOnlyList<IElement> Rows<T>(this IRenderedComponent<T> page, int count)
        where T : IComponent
    {
        page.WaitForAssertion(() => Assert.Equal(count, page.FindAll("tbody tr").Count));
        return [.. page.FindAll("tbody tr")];
    }
}

/// <summary>A middleware that knows its caller, and answers everything else as a test says.</summary>
internal sealed class ScriptedMiddleware(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
{
    /// <summary>An answer of JSON.</summary>
    public static HttpResponseMessage Json(string json, HttpStatusCode status = HttpStatusCode.OK) => new(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(
        request.RequestUri!.AbsolutePath == "/api/v1/me"
            ? Json("""{"name":"jane","scopes":["payloads:read","events:read","operate","endpoints:write","admin"]}""")
            : answer(request));
}

/// <summary>A stream whose events come when a test says so.</summary>
internal sealed class ScriptedFeed : IEventFeed
{
    private readonly List<Channel<EventItem?>> _connections = [];

    /// <summary>The refusal of the next connection; null for none.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>The conditions and the first place of each connection.</summary>
    public List<(StreamAsk Asked, string? From)> Asked { get; } = [];

    /// <summary>The number of connections that stand.</summary>
    public int Open { get; private set; }

    /// <summary>Lets an event come.</summary>
    public void Come(EventItem item) => _connections[^1].Writer.TryWrite(item);

    /// <summary>Breaks the connection.</summary>
    public void Break() => _connections[^1].Writer.Complete(new HttpRequestException("broken"));

    public async IAsyncEnumerable<EventItem?> FollowAsync(
        StreamAsk asked, StreamPlace place, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Asked.Add((asked, place.LastId));
        if (Refusal is { } refusal)
        {
            throw refusal;
        }

        var connection = Channel.CreateUnbounded<EventItem?>();
        _connections.Add(connection);
        Open++;
        try
        {
            yield return null;
            place.LastId ??= "start";
            await foreach (var item in connection.Reader.ReadAllAsync(cancellationToken))
            {
                place.LastId = item!.EventId;
                yield return item;
            }
        }
        finally
        {
            Open--;
        }
    }
}
