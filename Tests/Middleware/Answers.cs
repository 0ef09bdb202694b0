using System.Net;
using System.Text.Json.Nodes;

namespace Tests.Middleware;

/// <summary>What is expected of an answer.</summary>
internal static class Answers
{
    /// <summary>A 400 that names these faults and no other, each as <c>field: fault</c>.</summary>
    public static async Task IsInvalid(this Task<HttpResponseMessage> answering, params string[] faults)
    {
        var problem = await answering.IsProblem(HttpStatusCode.BadRequest, "The event is not valid.", detail: null);
        var named = problem["errors"]!.AsObject().SelectMany(field => field.Value!.AsArray().Select(fault => $"{field.Key}: {fault}"));
        Assert.Equal(faults.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    public static async Task<JsonNode> IsProblem(this Task<HttpResponseMessage> answering, HttpStatusCode status, string title, string? detail)
    {
        using var answer = await answering;
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);

        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!;
        Assert.Equal((int)status, (int)problem["status"]!);
        Assert.Equal(title, (string?)problem["title"]);
        Assert.Equal(detail, (string?)problem["detail"]);
        Assert.Equal(answer.Headers.GetValues("X-Correlation-ID").Single(), (string?)problem["correlation_id"]);
        return problem;
    }
}
