namespace Tests;

/// <summary>Checks of answers.</summary>
internal static class Answers
{
    /// <summary>A 400 that names these faults and no other, each as <c>field: fault</c>.</summary>
    public static Task IsInvalid(this Task<HttpResponseMessage> answering, params string[] faults) => answering.HasFaults("The event is not valid.", faults);

    /// <summary>The same of a request that is no event.</summary>
    public static Task IsInvalidRequest(this Task<HttpResponseMessage> answering, params string[] faults) => answering.HasFaults("The request is not valid.", faults);

    /// <summary>Checks the status of an answer of which nothing else counts.</summary>
    public static async Task HasStatus(this Task<HttpResponseMessage> answering, HttpStatusCode status) => (await answering.WithStatus(status)).Dispose();

    /// <summary>The status of an answer of which nothing else counts.</summary>
    public static async Task<HttpStatusCode> StatusCode(this Task<HttpResponseMessage> answering)
    {
        using var answer = await answering;
        return answer.StatusCode;
    }

    /// <summary>The answer, once its status is checked.</summary>
    public static async Task<HttpResponseMessage> WithStatus(this Task<HttpResponseMessage> answering, HttpStatusCode status)
    {
        var answer = await answering;
        Assert.Equal(status, answer.StatusCode);
        return answer;
    }

    public static async Task<JsonNode> IsProblem(this Task<HttpResponseMessage> answering, HttpStatusCode status, string title, string? detail)
    {
        using var answer = await answering;
        var problem = await Problem(answer, status);
        Assert.Equal(title, (string?)problem["title"]);
        Assert.Equal(detail, (string?)problem["detail"]);
        Assert.Equal(answer.Headers.GetValues("X-Correlation-ID").Single(), (string?)problem["correlation_id"]);
        return problem;
    }

    /// <summary>A problem with this detail, or with this error of the field.</summary>
    public static async Task IsFault(this Task<HttpResponseMessage> answering, HttpStatusCode status, string expected, string? field = null)
    {
        using var answer = await answering;
        var problem = await Problem(answer, status);
        Assert.Equal(expected, (string?)(field is null ? problem["detail"] : problem["errors"]?[field]?.AsArray().Single()));
    }

    public static async Task IsJson(this Task<HttpResponseMessage> answering, HttpStatusCode status, string expected)
    {
        using var answer = await answering.WithStatus(status);
        SameJson(expected, await answer.Content.ReadAsStringAsync(Waiting.Cancellation));
    }

    /// <summary>The JSON of an answer that must have this status.</summary>
    public static async Task<JsonNode> Json(this Task<HttpResponseMessage> answering, HttpStatusCode status)
    {
        using var answer = await answering.WithStatus(status);
        return await answer.Json();
    }

    public static async Task<JsonNode> Json(this HttpResponseMessage answer) => JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!;

    public static void SameJson(string expected, string actual) => Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), JsonNode.Parse(actual)!.ToJsonString());

    private static async Task HasFaults(this Task<HttpResponseMessage> answering, string title, string[] faults)
    {
        var problem = await answering.IsProblem(HttpStatusCode.BadRequest, title, detail: null);
        var named = problem["errors"]!.AsObject().SelectMany(field => field.Value!.AsArray().Select(fault => $"{field.Key}: {fault}"));
        Assert.Equal(faults.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    private static async Task<JsonNode> Problem(HttpResponseMessage answer, HttpStatusCode status)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Json();
        Assert.Equal((int)status, (int)problem["status"]!);
        return problem;
    }
}
