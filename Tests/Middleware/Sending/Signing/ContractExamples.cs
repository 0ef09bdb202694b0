using System.Text;

namespace Tests.Middleware.Sending.Signing;

/// <summary>The examples of docs/receiver-contract.md, run against what its text says.</summary>
public class ContractExamples
{
    private const long SignedAt = 1_614_265_330;
    private const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    private const string Another = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    private static readonly Case Vector = new(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", Signature, """{"test": 2432232314}""", Time(0));

    private static readonly (Case Given, bool IsGenuine)[] Cases =
    [
        (Vector, true),
        (Vector with { Signatures = $"{Another} {Signature}" }, true),
        (Vector with { Signatures = $"{Signature} {Another}" }, true),
        (Vector with { Now = Time(300) }, true),
        (Vector with { Now = Time(-300) }, true),
        (Vector with { Now = Time(301) }, false),
        (Vector with { Now = Time(-301) }, false),
        (Vector with { Body = """{"test": 2432232315}""" }, false),
        (Vector with { Id = "msg_1" }, false),
        (Vector with { Timestamp = "1614265331" }, false),
        (Vector with { Timestamp = "now" }, false),
        (Vector with { Timestamp = "" }, false),
        (Vector with { Secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX" }, false),
        (Vector with { Signatures = Another }, false),
        (Vector with { Signatures = Signature.Replace("v1,", "v2,", StringComparison.Ordinal) }, false),
        (Vector with { Signatures = Signature[3..] }, false),
        (Vector with { Signatures = "" }, false),
        (Vector with { Signatures = "ž,," }, false),
    ];

    [Fact]
    public void The_CSharp_example_tells_genuine_from_forged() => Assert.All(Cases, one => Assert.Equal(
        one.IsGenuine,
        WebhookVerification.IsGenuine(
            one.Given.Secret, one.Given.Id, one.Given.Timestamp, one.Given.Signatures, Encoding.UTF8.GetBytes(one.Given.Body), one.Given.Now)));

    [Fact]
    public void The_CSharp_example_is_the_one_that_runs_here() => Assert.Equal(
        Resource("WebhookVerification.cs").Replace($"namespace {typeof(ContractExamples).Namespace};\n\n", "", StringComparison.Ordinal), Example("csharp"));

    [Fact]
    public async Task The_TypeScript_example_tells_genuine_from_forged()
    {
        await NodeTools.RequireAsync();
        var cases = Path.Combine(NodeTools.Folder, "cases.json");
        await File.WriteAllTextAsync(Path.Combine(NodeTools.Folder, "example.ts"), Example("typescript"), Waiting.Cancellation);
        await File.WriteAllTextAsync(cases, JsonSerializer.Serialize(Cases.Select(one => one.Given), JsonSerializerOptions.Web), Waiting.Cancellation);

        Assert.Equal((0, ""), await NodeTools.RunAsync(
            "node_modules/typescript/bin/tsc", "--strict", "--target", "es2022", "--module", "commonjs", "--types", "node", "--outDir", "compiled", "example.ts"));
        var (exitCode, output) = await NodeTools.RunAsync("judge.js", cases);

        Assert.Equal((0, JsonSerializer.Serialize(Cases.Select(one => one.IsGenuine))), (exitCode, output));
    }

    /// <summary>The text's own values are those that are tested.</summary>
    [Fact]
    public void The_check_vector_is_in_the_text() => Assert.All(
        [Vector.Secret, Vector.Id, Vector.Timestamp, Vector.Body, Vector.Signatures],
        value => Assert.Contains($"`{value}`", Resource("receiver-contract.md"), StringComparison.Ordinal));

    private static string Example(string language)
    {
        var text = Resource("receiver-contract.md");
        var start = text.IndexOf($"```{language}\n", StringComparison.Ordinal) + language.Length + 4;
        return text[start..text.IndexOf("```\n", start, StringComparison.Ordinal)];
    }

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(ContractExamples).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private static DateTimeOffset Time(int seconds) => DateTimeOffset.FromUnixTimeSeconds(SignedAt + seconds);

    private sealed record Case(string Secret, string Id, string Timestamp, string Signatures, string Body, DateTimeOffset Now);
}
