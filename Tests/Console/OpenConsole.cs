using System.IO.Pipelines;
using System.Text;
using AngleSharp.Dom;
using AspireIntegration.Client;
using AspireIntegration.Console;
using AspireIntegration.Console.Endpoints;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.FluentUI.AspNetCore.Components;
using Tests.Middleware;
using KeyedService = Tests.Middleware.Callers.KeyedService;

namespace Tests.Console;

/// <summary>A tab of the console. Its pages ask a middleware in this process in the name of somebody.</summary>
internal sealed class OpenConsole : BunitContext
{
    private readonly Caller _caller;
    private Task _asking = Task.CompletedTask;

    static OpenConsole() => DefaultWaitTimeout = TimeSpan.FromSeconds(30);

    private OpenConsole(HttpClient http, string? key, TestClock clock)
    {
        Clock = clock;
        JSInterop.Mode = JSRuntimeMode.Loose;
        _caller = new Caller(new AspireIntegrationClient(
            http,
            async _ =>
            {
                await _asking;
                return key;
            },
            Clock));
        Services.AddSingleton<TimeProvider>(Clock);
        Services.AddFluentUIComponents();
        Services.AddSingleton(new ConsoleSettings { Middleware = new Uri("http://middleware.test:8080"), DataDir = "." });
        Services.AddSingleton(new EndpointNames(_caller.Api, Clock));
    }

    public TestClock Clock { get; }

    /// <summary>The address that is shown, without its host.</summary>
    public string Address => "/" + Navigation.ToBaseRelativePath(Navigation.Uri);

    /// <summary>The addresses to which pages led. A page stays open here that a browser would leave.</summary>
    /// <remarks>Pages add to them on the dispatcher, so they are read there.</remarks>
    public Task<string[]> WentAsync() => Renderer.Dispatcher.InvokeAsync(() => ((BunitNavigationManager)Navigation).History.Select(static went => went.Uri).ToArray());

    public NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    /// <summary>The console of somebody who may do everything.</summary>
    public static Task<OpenConsole> Of(MiddlewareService service) => Of(service.Http, null);

    /// <summary>The console of somebody who has a key of these scopes.</summary>
    public static async Task<OpenConsole> Of(KeyedService service, string scopes) => await Of(service.Service.Http, (await service.Make(scopes)).Text);

    /// <summary>The console of somebody who has a key.</summary>
    public static async Task<OpenConsole> Of(HttpClient http, string? key, TestClock? clock = null)
    {
        var console = new OpenConsole(http, key, clock ?? new TestClock());
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

    /// <summary>Submits the form twice, before the page asks the middleware for the first.</summary>
    public Task SubmitTwiceAsync<T>(IRenderedComponent<T> page)
        where T : IComponent => page.InvokeAsync(() =>
        {
            var pressed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _asking = pressed.Task;
            var form = page.Find("form");
            var presses = Task.WhenAll(form.SubmitAsync(), form.SubmitAsync());
            pressed.SetResult();
            return presses;
        });
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

    /// <summary>Writes texts into the fields of some ids.</summary>
    public static async Task Write<T>(this IRenderedComponent<T> page, params (string Field, string Text)[] fields)
        where T : IComponent
    {
        foreach (var (field, text) in fields)
        {
            await page.Find($"#{field}").ChangeAsync(new() { Value = text });
        }
    }

    /// <summary>Submits the form with these texts in fields.</summary>
    public static async Task Submit<T>(this IRenderedComponent<T> page, params (string Field, string Text)[] fields)
        where T : IComponent
    {
        await page.Write(fields);
        await page.Find("form").SubmitAsync();
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
internal sealed class ScriptedMiddleware(Func<HttpRequestMessage, HttpResponseMessage> answer) : AnsweringHandler(request =>
    request.RequestUri!.AbsolutePath == "/api/v1/me" ? Json("""{"name":"jane","scopes":["payloads:read","events:read","operate","endpoints:write","admin"]}""") : answer(request))
{
    /// <summary>An answer of JSON.</summary>
    public static HttpResponseMessage Json(string json, HttpStatusCode status = HttpStatusCode.OK) => new(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
}

/// <summary>A stream whose events come when a test says so.</summary>
internal sealed class ScriptedStream
{
    private readonly List<Pipe> _connections = [];
    private int _open;

    /// <summary>The refusal of the next connections, as problem details; null for none.</summary>
    public (HttpStatusCode Status, string Problem)? Refusal { get; set; }

    /// <summary>The query and the last id of each connection.</summary>
    public List<(string Query, string? From)> Asked { get; } = [];

    /// <summary>The number of connections that stand.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Answers a request for the stream.</summary>
    public HttpResponseMessage Answer(HttpRequestMessage request)
    {
        Asked.Add((request.RequestUri!.Query, request.Headers.TryGetValues("Last-Event-ID", out var ids) ? ids.Single() : null));
        if (Refusal is var (status, problem))
        {
            return new HttpResponseMessage(status) { Content = new StringContent(problem, Encoding.UTF8, "application/problem+json") };
        }

        var connection = new Pipe();
        _connections.Add(connection);
        Interlocked.Increment(ref _open);
        Write("id: start\n\n");
        return new HttpResponseMessage { Content = new Body(connection.Reader.AsStream(), () => Interlocked.Decrement(ref _open)) };
    }

    /// <summary>Lets an event come.</summary>
    public void Come(int number) => Write(
        $"event: accepted\nid: {number}\ndata: {{\"event_id\":\"{number}\",\"source\":\"a\",\"event_type\":\"b\",\"correlation_id\":\"c\",\"priority\":\"high\",\"accepted_at\":\"2026-03-01T12:00:00Z\",\"expires_at\":null}}\n\n");

    /// <summary>Breaks the connection.</summary>
    public void Break() => _connections[^1].Writer.Complete(new IOException("broken"));

    private void Write(string text) => _ = _connections[^1].Writer.WriteAsync(Encoding.UTF8.GetBytes(text), Waiting.Cancellation).AsTask();

    private sealed class Body(Stream stream, Action closed) : StreamContent(stream)
    {
        private Action? _closed = closed;

        protected override void Dispose(bool disposing)
        {
            Interlocked.Exchange(ref _closed, null)?.Invoke();
            base.Dispose(disposing);
        }
    }
}
