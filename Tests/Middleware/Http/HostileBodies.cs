using System.Text;
using CsCheck;

namespace Tests.Middleware.Http;

/// <summary>Whatever is posted, the answer is 200 or a 400 that says what is wrong, and nothing is logged as an error.</summary>
public sealed class HostileBodies() : OnAService(MiddlewareService.InMemory(("QUEUE_SIZE", "1000000")))
{
    private static readonly string[] Fragments =
    [
        "{", "}", "[", "]", ":", ",", "\"", "\"source\"", "\"event_type\"", "\"severity\"", "\"message\"", "\"metadata\"", "\"s\"", "null", "true",
        "1e999", "-0", "\\", "\\u0000", "\"\\ud800\"", "\"\\udc00x\"", "\"s\\u006furce\"", "\0", "\ufeff", " ", "{}", "[]", "\"\"", "//", "NaN",
    ];

    private static readonly string[] Texts =
        ["\"s\"", "\"\"", "\"\\ud800\"", "\"\\ud83d\\ude00\"", "\"\\u0000\"", "7", "null", "{}", "[[]]", "\" \"", "1e400", "{\"\":{\"\":0}}", "{\"a\":\"\\ud800\"}", "\"critical\""];

    private static readonly string[] Names =
        ["source", "event_type", "severity", "message", "metadata", "s\\u006furce", "", "\\u0000", "__proto__", "\\\"", "metad\\u0061ta", "\\ud83d\\ude00", "\\ud800", "\\udc00x"];

    private static readonly Gen<byte[]> RandomBytes = Gen.Byte.Array[0, 200];

    private static readonly Gen<byte[]> Mutated = Gen.Select(Gen.Int[0, 100], Gen.Int[0, 5], Gen.Byte.Array[0, 4], (at, length, bytes) =>
    {
        var valid = Encoding.UTF8.GetBytes(ServiceRequests.Valid);
        var end = Math.Min(valid.Length, at + length);
        return (byte[])[.. valid[..Math.Min(at, valid.Length)], .. bytes, .. valid[end..]];
    });

    private static readonly Gen<byte[]> Cobbled = Gen.Int[0, Fragments.Length - 1].Array[0, 40]
        .Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts.Select(part => Fragments[part]))));

    private static readonly Gen<byte[]> OddObjects = Gen.Select(Gen.Int[0, Names.Length - 1], Gen.Int[0, Texts.Length - 1]).Array[0, 8]
        .Select(members => Encoding.UTF8.GetBytes("{" + string.Join(',', members.Select(member => $"\"{Names[member.Item1]}\":{Texts[member.Item2]}")) + "}"));

    [Fact]
    public async Task None_is_answered_with_a_server_error()
    {
        await Gen.OneOf(RandomBytes, Mutated, Cobbled, OddObjects).SampleAsync(body => IsJudged(Service, body), iter: 3_000, print: Encoding.UTF8.GetString);

        Assert.Empty(Service.Log.Errors);
    }

    [Fact]
    public async Task What_nearly_is_valid_is_accepted_or_refused_by_the_field()
    {
        await Gen.Int[0, Texts.Length - 1].Array[5].SampleAsync(
            async values =>
            {
                var body = $$"""{"source":{{Texts[values[0]]}},"event_type":{{Texts[values[1]]}},"severity":{{Texts[values[2]]}},"message":{{Texts[values[3]]}},"metadata":{{Texts[values[4]]}}}""";
                var isValid = values[..4].All(value => Texts[value] is "\"s\"" or "\"\\ud83d\\ude00\"" or "\"\\u0000\"" or "\"critical\"")
                    && (Texts[values[4]] is "null" || Texts[values[4]][0] == '{');

                Assert.Equal(isValid ? HttpStatusCode.OK : HttpStatusCode.BadRequest, await IsJudged(Service, Encoding.UTF8.GetBytes(body)));
            },
            iter: 1_000);
    }

    private static async Task<HttpStatusCode> IsJudged(MiddlewareService service, byte[] body)
    {
        using var answer = await service.PostEvent(body);
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            Assert.NotEmpty((await answer.Json())["errors"]!.AsObject());
        }

        return answer.StatusCode;
    }
}
