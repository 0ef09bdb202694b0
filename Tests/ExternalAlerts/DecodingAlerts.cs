using static Tests.EncodedBody;

namespace Tests.ExternalAlerts;

public sealed class DecodingAlerts : OnAlerts
{
    private const string Alerts = "/external/alerts";
    private const string Faults = "/external/faults";

    public DecodingAlerts() => Service.UseKestrel();

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task Alerts_and_faults_are_decoded_and_limits_are_of_what_is_decoded(string encoding)
    {
        await Send(HttpMethod.Post, Alerts, Encode(encoding, """[{"event_id":"a"},{"event_id":"b"}]"""), encoding).HasStatus(HttpStatusCode.OK);
        Assert.Equal(2, (int)(await Service.Get(Alerts + "/stats"))["received"]!);
        await Send(HttpMethod.Post, Alerts, Encode(encoding, "{}".PadRight((9 << 20) + 1)), encoding).HasStatus(HttpStatusCode.RequestEntityTooLarge);
        await Send(HttpMethod.Put, Faults, Encode(encoding, """{"status":503}"""), encoding).HasStatus(HttpStatusCode.OK);
        Assert.Equal(503, (int)(await Service.Get(Faults))["status"]!);
    }

    [Fact]
    public async Task Another_coding_and_one_that_is_not_so_are_refused()
    {
        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Post, Alerts), (HttpMethod.Put, Faults)])
        {
            await Send(method, path, "{}"u8.ToArray(), "zstd").HasStatus(HttpStatusCode.UnsupportedMediaType);
            await Send(method, path, "{}"u8.ToArray(), "gzip").HasStatus(HttpStatusCode.BadRequest);
        }
    }

    private Task<HttpResponseMessage> Send(HttpMethod method, string path, byte[] body, string encoding) =>
        Service.Http.Send(method, path, body, "application/json", $"Content-Encoding: {encoding}");
}
