using System.Text.RegularExpressions;
using Tests.Words;

namespace Tests.ExternalAlerts;

public sealed class SettingFaults : OnAlerts
{
    private const string NoFaults =
        """
        {"active":false,"status":null,"rate":0,"latency":null,"hang":false,"drop":false,
         "retry_after":null,"count":null,"remaining":null}
        """;

    [Fact]
    public Task There_are_none_at_first() => Service.Shows("/external/faults", NoFaults);

    [Fact]
    public async Task What_is_set_is_answered_shown_and_cleared()
    {
        const string Set =
            """
            {"active":true,"status":503,"rate":0.2,"latency":"200ms","hang":false,"drop":false,
             "retry_after":"1m30s","count":100,"remaining":100}
            """;

        await Service.SetFaults("""{"status":503,"rate":0.2,"latency":"200ms","hang":false,"drop":false,"retry_after":"90s","count":100}""")
            .IsJson(HttpStatusCode.OK, Set);
        await Service.Shows("/external/faults", Set);

        await Service.Http.DeleteAsync("/external/faults", Waiting.Cancellation).HasStatus(HttpStatusCode.NoContent);
        await Service.Shows("/external/faults", NoFaults);
    }

    [Fact]
    public async Task What_is_not_given_or_null_has_its_default()
    {
        await Service.SetFaults("""{"hang":true,"status":null}""").IsJson(
            HttpStatusCode.OK,
            """
            {"active":true,"status":null,"rate":1,"latency":null,"hang":true,"drop":false,
             "retry_after":null,"count":null,"remaining":null}
            """);
    }

    [Fact]
    public async Task What_GET_answers_can_be_put_back()
    {
        using var set = await Service.SetFaults("""{"drop":true,"count":3}""");
        var shown = (await Service.Get("/external/faults")).ToJsonString();

        await Service.SetFaults(shown).IsJson(HttpStatusCode.OK, shown);
    }

    [Fact]
    public async Task What_GET_answers_without_faults_ends_them()
    {
        using var set = await Service.SetFaults("""{"status":503}""");

        await Service.SetFaults(NoFaults).IsJson(HttpStatusCode.OK, NoFaults);

        await Service.Shows("/external/faults", NoFaults);
    }

    [Theory]
    [InlineData("status", "600", "expected a whole number from 200 to 599")]
    [InlineData("status", "199", "expected a whole number from 200 to 599")]
    [InlineData("status", "200.5", "expected a whole number from 200 to 599")]
    [InlineData("status", "\"503\"", "expected a whole number from 200 to 599")]
    [InlineData("rate", "1.01", "expected a number from 0 to 1")]
    [InlineData("rate", "-0.1", "expected a number from 0 to 1")]
    [InlineData("rate", "\"all\"", "expected a number from 0 to 1")]
    [InlineData("latency", "\"fast\"", "expected a duration such as 200ms, 3s or 1m30s, 1h at most")]
    [InlineData("latency", "200", "expected a duration such as 200ms, 3s or 1m30s, 1h at most")]
    [InlineData("latency", "\"61m\"", "expected a duration such as 200ms, 3s or 1m30s, 1h at most")]
    [InlineData("retry_after", "\"-5s\"", "expected a duration such as 200ms, 3s or 1m30s, 1d at most")]
    [InlineData("hang", "\"yes\"", "expected true or false")]
    [InlineData("drop", "1", "expected true or false")]
    [InlineData("count", "0", "expected a whole number from 1 to 1000000000")]
    [InlineData("count", "1000000001", "expected a whole number from 1 to 1000000000")]
    [InlineData("count", "[]", "expected a whole number from 1 to 1000000000")]
    public async Task A_value_that_is_not_accepted_is_named(string field, string value, string accepted)
    {
        await Service.SetFaults($$"""{"{{field}}":{{value}}}""").IsFault(HttpStatusCode.BadRequest, $"{value} is not accepted; {accepted}.", field);

        await Service.Shows("/external/faults", NoFaults);
    }

    [Theory]
    [InlineData("state", """{"state":1}""", "There is no such field; expected some of status, rate, latency, hang, drop, retry_after, count.")]
    [InlineData("drop", """{"status":503,"drop":true}""", "status and drop are given; expected only one of status, hang, drop.")]
    [InlineData("hang", """{"hang":true,"drop":true}""", "hang and drop are given; expected only one of status, hang, drop.")]
    [InlineData("retry_after", """{"latency":"1s","retry_after":"5s"}""", "\"5s\" is not accepted without a status; expected status too.")]
    [InlineData("body", """{"rate":0.5}""", "Nothing would misbehave; expected one of status, latency, hang, drop.")]
    [InlineData("body", "null", "The body is null: a JSON object is needed.")]
    [InlineData("body", "[503]", "The body is not a JSON object with each of its members once (line 1, byte 2).")]
    [InlineData("body", """{"status":503""", "The body is not a JSON object with each of its members once (line 1, byte 14).")]
    [InlineData("body", "", "The body is not a JSON object with each of its members once (line 1, byte 1).")]
    [InlineData("body", """{"drop":true,"drop":false}""", "The body is not a JSON object with each of its members once (line 1, byte 26).")]
    [InlineData("body", """{"\ud800":503}""", "The body is not a JSON object with each of its members once (line 1, byte 11).")]
    public async Task A_body_that_makes_no_sense_is_refused(string field, string body, string error)
    {
        await Service.SetFaults(body).IsFault(HttpStatusCode.BadRequest, error, field);
    }

    [Fact]
    public async Task All_faulty_fields_are_named_at_once_and_a_long_value_is_cut()
    {
        using var answer = await Service.SetFaults($$"""{"rate":2,"latency":"{{new string('x', 100)}}"}""");

        var body = await answer.Content.ReadAsStringAsync(Waiting.Cancellation);
        Assert.Contains("2 is not accepted; expected a number from 0 to 1.", body, StringComparison.Ordinal);
        Assert.Contains(new string('x', 63) + "... is not accepted", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_documentation_names_every_member_and_its_example_is_answered_as_it_says()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Prose.Root, "docs/external-alerts.md"), Waiting.Cancellation);
        using var unknown = await Service.SetFaults("""{"none":1}""");
        var refused = await unknown.Content.ReadAsStringAsync(Waiting.Cancellation);
        var members = Regex.Match(refused, "expected some of ([a-z_, ]+)").Groups[1].Value.Split(", ");
        Assert.Equal(members.Order(StringComparer.Ordinal), Regex.Matches(text, @"^\| `([a-z_]+)` \|", RegexOptions.Multiline).Select(static row => row.Groups[1].Value).Order(StringComparer.Ordinal));

        await Service.SetFaults(Regex.Match(text, "-d '(.+)'").Groups[1].Value).IsJson(HttpStatusCode.OK, Regex.Match(text, @"```json\n(.+)\n```").Groups[1].Value);
    }

    [Fact]
    public async Task Another_content_type_is_refused()
    {
        await Service.SetFaults("{}", "text/plain").IsFault(HttpStatusCode.UnsupportedMediaType, "Content-Type must be application/json, in UTF-8.");
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused()
    {
        await Service.SetFaults("{}".PadRight((64 * 1024) + 1)).IsFault(HttpStatusCode.RequestEntityTooLarge, "The body is larger than 65536 bytes.");
    }
}
