using System.Net;
using System.Text.Json.Nodes;

namespace Tests.ExternalAlerts;

/// <summary>What is expected of an answer.</summary>
internal static class Answers
{
    public static async Task IsJson(this Task<HttpResponseMessage> answering, HttpStatusCode status, string expected)
    {
        using var answer = await answering;
        Assert.Equal(status, answer.StatusCode);
        SameJson(expected, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>A problem+json with this detail, or with this error of the field.</summary>
    public static async Task IsProblem(
        this Task<HttpResponseMessage> answering, HttpStatusCode status, string expected, string? field = null)
    {
        using var answer = await answering;
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal((int)status, (int)problem["status"]!);
        Assert.Equal(expected, (string?)(field is null ? problem["detail"] : problem["errors"]?[field]?.AsArray().Single()));
    }

    public static void SameJson(string expected, string actual) =>
        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), JsonNode.Parse(actual)!.ToJsonString());
}
