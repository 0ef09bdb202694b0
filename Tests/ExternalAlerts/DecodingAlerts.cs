using static Tests.EncodedBody;

namespace Tests.ExternalAlerts;

public class DecodingAlerts
{
    private const string Alerts = "/external/alerts";
    private const string Faults = "/external/faults";

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task Alerts_and_faults_are_decoded_and_limits_are_of_what_is_decoded(string encoding)
    {
        await using var service = new AlertsService();
        service.UseKestrel();

        Assert.Equal(HttpStatusCode.OK, await StatusOf(service, HttpMethod.Post, Alerts, Encode(encoding, """[{"event_id":"a"},{"event_id":"b"}]"""), encoding));
        Assert.Equal(2, (int)(await service.Get(Alerts + "/stats"))["received"]!);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await StatusOf(service, HttpMethod.Post, Alerts, Encode(encoding, "{}".PadRight((9 << 20) + 1)), encoding));
        Assert.Equal(HttpStatusCode.OK, await StatusOf(service, HttpMethod.Put, Faults, Encode(encoding, """{"status":503}"""), encoding));
        Assert.Equal(503, (int)(await service.Get(Faults))["status"]!);
    }

    [Fact]
    public async Task Another_coding_and_one_that_is_not_so_are_refused()
    {
        await using var service = new AlertsService();
        service.UseKestrel();

        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Post, Alerts), (HttpMethod.Put, Faults)])
        {
            Assert.Equal(HttpStatusCode.UnsupportedMediaType, await StatusOf(service, method, path, "{}"u8.ToArray(), "zstd"));
            Assert.Equal(HttpStatusCode.BadRequest, await StatusOf(service, method, path, "{}"u8.ToArray(), "gzip"));
        }
    }

    private static async Task<HttpStatusCode> StatusOf(AlertsService service, HttpMethod method, string path, byte[] body, string encoding)
    {
        using var answer = await service.Http.Send(method, path, body, "application/json", $"Content-Encoding: {encoding}");
        return answer.StatusCode;
    }
}
