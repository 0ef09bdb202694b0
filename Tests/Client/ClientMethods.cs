using System.Reflection;
using System.Runtime.CompilerServices;
using AspireIntegration.Client;

namespace Tests.Client;

/// <summary>A method of an area of the client, with the request that it sends.</summary>
internal sealed record ClientMethod(MethodInfo Method, string Area, HttpRequestMessage Request, string? ContentType)
{
    /// <summary>The method and the path, in which each id is <c>{}</c>.</summary>
    public string Operation => $"{Request.Method} {Request.RequestUri!.AbsolutePath.Replace(ClientMethods.Id, "{}", StringComparison.Ordinal)}";

    /// <summary>The names of the parameters in its query.</summary>
    public IEnumerable<string> Query => Request.RequestUri!.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(static part => part.Split('=')[0]);

    /// <summary>The type that the answer is read as; null for none.</summary>
    public Type? Answer => Method.ReturnType.IsGenericType ? Method.ReturnType.GetGenericArguments()[0] : null;

    /// <summary>The type of the body; null for none.</summary>
    public Type? Body => Request.Content is null ? null : Method.GetParameters().Select(static given => given.ParameterType).Single(static type => type.Name.EndsWith("Request", StringComparison.Ordinal) || type.Name.EndsWith("Patch", StringComparison.Ordinal));

    public override string ToString() => $"{Area}.{Method.Name}";
}

/// <summary>All methods of the client's areas, each called once with all that it takes.</summary>
internal static class ClientMethods
{
    public const string Id = "THE-ID";

    public static async Task<IReadOnlyList<ClientMethod>> CallAsync()
    {
        var sent = new List<(HttpRequestMessage Request, string? ContentType)>();
        using var network = new AnsweringHandler(request =>
        {
            sent.Add((request, request.Content?.Headers.ContentType?.MediaType));
            return HttpStatusCode.BadRequest;
        });
        using var http = new HttpClient(network) { BaseAddress = new Uri("http://middleware.test") };
        var client = new AspireIntegrationClient(http);
        var all = new List<ClientMethod>();
        foreach (var area in typeof(AspireIntegrationClient).GetProperties())
        {
            var target = area.GetValue(client)!;
            foreach (var method in target.GetType().GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            {
                sent.Clear();
                var called = method.Invoke(target, [.. method.GetParameters().Select(Sample)]);
                await Assert.ThrowsAsync<AspireIntegrationException>(() => called as Task ?? FirstAsync((dynamic)called!));
                all.Add(new ClientMethod(method, area.Name, sent[^1].Request, sent[^1].ContentType));
            }
        }

        return all;
    }

    private static async Task FirstAsync<T>(IAsyncEnumerable<T> items) => await items.FirstOrDefaultAsync(Waiting.Cancellation);

    private static object? Sample(ParameterInfo parameter) => parameter.Name switch
    {
        "ifMatch" => "\"1\"",
        "person" => "jane",
        "cancellationToken" => Waiting.Cancellation,
        _ => Sample(parameter.ParameterType),
    };

    /// <summary>A value of a type with all its members set; of a body only those that cannot be left out.</summary>
    private static object? Sample(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
        {
            return Enum.GetValues(type).GetValue(1);
        }

        if (type == typeof(string) || type == typeof(int) || type == typeof(DateTimeOffset))
        {
            return type == typeof(string) ? Id : type == typeof(int) ? 7 : TestClock.Noon;
        }

        var sample = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var member in type.GetProperties().Where(member => member.PropertyType.IsEnum || type.Name is "EventStreamPosition" && member.PropertyType == typeof(string) || type.Name.EndsWith("Query", StringComparison.Ordinal)))
        {
            member.SetValue(sample, Sample(member.PropertyType));
        }

        return sample;
    }
}
