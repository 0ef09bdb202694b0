namespace Tests.Middleware.Http;

/// <summary>Whoever reads an error knows the API and not the program behind it.</summary>
public sealed class NamingNoCode : OnAService
{
    [Theory]
    [InlineData("/api/v1/replays", """{"of":7,"filter":[],"rate_per_second":"fast","dry_run":"yes","endpoint_id":{},"more":1}""", "dry_run: must be true or false", "endpoint_id: must be a string", "filter: must be an object", "more: is not known; expected one of of, action, filter, ids, endpoint_id, rate_per_second, dry_run", "of: must be a string", "rate_per_second: must be a whole number from 1 to 100000; it is \"fast\"")]
    [InlineData("/api/v1/replays", """{"of":"events","filter":{"source":7,"sources":"a","since":"soon"}}""", "filter.since: \"soon\" is not a time; expected ISO 8601, such as 2026-01-31T12:00:00Z (a + in an offset is written %2B)", "filter.source: must be a string", "filter.sources: is not known; expected one of source, event_type, priority, correlation_id, endpoint_id, reason, since, until")]
    [InlineData("/api/v1/replays", """{"of":"\ud800","filter":{}}""", "of: has half of a surrogate pair, which is no character")]
    [InlineData("/api/v1/replays", "", "body: is not valid JSON: at line 1, byte 1; expected each member once, at most 64 levels deep")]
    [InlineData("/api/v1/replays", "{\"of\":\n\"events\",}", "body: is not valid JSON: at line 2, byte 10; expected each member once, at most 64 levels deep")]
    [InlineData("/api/v1/replays", "{\"of\":\"a\",\"of\":\"b\"}", "body: is not valid JSON: expected each member once, at most 64 levels deep")]
    [InlineData("/api/v1/replays", "{\"\\ud800\":1}", "body: has a member whose name has half of a surrogate pair, which is no character")]
    [InlineData("/api/v1/endpoints", "{", "body: is not valid JSON: at line 1, byte 2; expected each member once, at most 64 levels deep")]
    [InlineData("/api/v1/filters/test", "{\"filter\":}", "body: is not valid JSON: at line 1, byte 11; expected each member once, at most 33 levels deep")]
    [InlineData("/api/v1/events/{event}/replay", "7", "body: must be a JSON object")]
    [InlineData("/api/v1/events/{event}/replay", """{"endpoint_id":7,"endpoint":"x"}""", "endpoint: is not known; expected endpoint_id", "endpoint_id: must be a string")]
    [InlineData("/api/v1/events/{event}/replay", "{", "body: is not valid JSON: at line 1, byte 2; expected each member once, at most 64 levels deep")]
    public async Task What_is_wrong_with_a_body_is_said_in_its_own_words(string path, string body, params string[] faults)
    {
        path = path.Contains("{event}", StringComparison.Ordinal) ? path.Replace("{event}", await Service.AcceptAnswered(200), StringComparison.Ordinal) : path;

        await Service.Post(path, body).IsInvalidRequest(faults);
    }
}
