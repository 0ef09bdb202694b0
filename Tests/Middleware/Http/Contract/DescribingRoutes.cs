using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.WebUtilities;

namespace Tests.Middleware.Http.Contract;

public class DescribingRoutes : OnAService
{
    [Fact]
    public async Task Every_mapped_route_is_in_the_document_and_nothing_else_is()
    {
        var document = await ServedDocument.OfAsync(Service);

        Assert.Equal(
            MappedRoute.OfTheContract(Service.Services).Select(static route => $"{route.Method} {route.Path}").Order(StringComparer.Ordinal),
            document.Operations.Select(static operation => operation.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_operation_says_what_it_does_what_it_takes_and_what_it_answers()
    {
        var document = await ServedDocument.OfAsync(Service);
        var tags = document.Root["tags"]!.AsArray().Where(static tag => tag!["description"] is not null).Select(static tag => (string)tag!["name"]!).ToList();

        Assert.Equal(document.Operations.Count(), document.Operations.Select(static operation => operation.Id).Distinct().Count());
        Assert.All(document.Operations, operation =>
        {
            Assert.NotEmpty((string?)operation.Json["summary"] ?? "");
            Assert.NotEmpty((string?)operation.Json["description"] ?? "");
            Assert.Contains((string)operation.Json["tags"]![0]!, tags);
            Assert.All(operation.Parameters, static parameter => Assert.True(parameter["description"] is not null && parameter["example"] is not null, parameter.ToJsonString()));
            Assert.All(operation.Bodies, static body => Assert.NotNull(body.Value!["example"]));
            Assert.Contains("X-Correlation-ID", operation.Parameters.Select(static parameter => (string)parameter["name"]!));
            Assert.All(operation.Responses, answer => IsDescribed(int.Parse(answer.Key, System.Globalization.CultureInfo.InvariantCulture), answer.Value!));
        });

        static void IsDescribed(int status, JsonNode answer)
        {
            Assert.NotEqual(ReasonPhrases.GetReasonPhrase(status), (string?)answer["description"]);
            Assert.NotNull(answer["headers"]!["X-Correlation-ID"]);
            Assert.Equal(status == 503 && answer["content"]!["application/problem+json"] is not null, answer["headers"]!["Retry-After"] is not null);
            Assert.All(answer["content"]?.AsObject() ?? [], static content => Assert.True(content.Value!["example"] is not null && content.Value["schema"] is not null));
        }
    }

    [Fact]
    public async Task Every_example_is_as_its_schema_says()
    {
        var document = await ServedDocument.OfAsync(Service);
        var check = new SchemaCheck(document);
        List<JsonNode> exemplified =
        [
            .. document.Operations.SelectMany(static operation => operation.Bodies).Select(static body => body.Value!),
            .. document.Operations.SelectMany(static operation => operation.Responses).SelectMany(static answer => answer.Value!["content"]?.AsObject() ?? []).Select(static body => body.Value!),
            .. document.Operations.SelectMany(static operation => operation.Parameters),
            .. document.Root["components"]!["headers"]!.AsObject().Select(static header => header.Value!),
        ];

        Assert.All(exemplified, described =>
        {
            var faults = check.Faults(described["schema"]!, described["example"]);
            Assert.True(faults.Count == 0, $"{string.Join(", ", faults)}: {described.ToJsonString()}");
        });
    }

    [Fact]
    public async Task What_a_handler_reads_by_hand_has_its_limits_in_the_document()
    {
        var schemas = (await ServedDocument.OfAsync(Service)).Root["components"]!["schemas"]!;

        Assert.Equal("""["source","event_type","severity","message"]""", schemas["EventRequest"]!["required"]!.ToJsonString());
        Assert.Equal(65_536, (int)schemas["EventRequest"]!["properties"]!["message"]!["maxLength"]!);
        Assert.False((bool)schemas["EndpointRequest"]!["additionalProperties"]!);
        Assert.Equal(1_000, (int)schemas["EndpointRequest"]!["properties"]!["workers"]!["maximum"]!);
        Assert.Equal(20, (int)schemas["EndpointRequest"]!["properties"]!["redelivery_schedule"]!["maxItems"]!);
        Assert.Equal("""["of"]""", schemas["BulkReplayRequest"]!["required"]!.ToJsonString());
        Assert.Null(schemas["EndpointPatch"]!["required"]);
    }

    [Fact]
    public async Task The_route_that_runs_for_every_event_is_described_without_a_cost()
    {
        var hot = MappedRoute.EndpointsOf(Service.Services)
            .First(static endpoint => endpoint.RoutePattern.RawText!.Trim('/') == "integrations/events");

        // It would have a policy of the router look at each request.
        Assert.Null(hot.Metadata.GetMetadata<IAcceptsMetadata>());
    }
}
