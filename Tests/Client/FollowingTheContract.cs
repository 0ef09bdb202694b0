using System.Text.RegularExpressions;
using AspireIntegration.Client.Operating;
using AspireIntegration.Client.Publishing;
using AspireIntegration.Client.Transport;
using Tests.Middleware.Http.Contract;
using Tests.Words;

namespace Tests.Client;

/// <summary>Holds the client against docs/openapi/v1.json, so that it has each route, parameter and member, and no other.</summary>
public sealed class FollowingTheContract
{
    private static readonly ServedDocument Contract = new(JsonNode.Parse(File.ReadAllText(Path.Combine(Prose.Root, "docs/openapi/v1.json")))!);

    private static IEnumerable<Operation> Operations => Contract.Operations.Where(static operation =>
        operation.Path.StartsWith("/api/v1/", StringComparison.Ordinal) || operation.Path is "/health/live" or "/health/ready");

    [Fact]
    public async Task Each_operation_has_a_method_and_each_method_an_operation()
    {
        var methods = await ClientMethods.CallAsync();

        Assert.Equal(Operations.Select(Plain).Order(), methods.Where(static method => !IsOfAllPages(method)).Select(static method => method.Operation).Order());
    }

    [Fact]
    public async Task Each_list_with_a_cursor_can_be_read_to_its_end()
    {
        var methods = await ClientMethods.CallAsync();

        Assert.Equal(
            Operations.Where(static operation => operation.Parameters.Any(static parameter => (string?)parameter["name"] == "cursor")).Select(Plain).Order(),
            methods.Where(IsOfAllPages).Select(static method => method.Operation).Order());
    }

    [Fact]
    public async Task A_method_sends_the_parameters_of_its_operation()
    {
        foreach (var method in await ClientMethods.CallAsync())
        {
            var operation = OperationOf(method);
            // The header of the same meaning comes first.
            Assert.Equal(In(operation, "query").Except(["last_event_id"]), method.Query.Order());
            Assert.Equal(In(operation, "header").Except(["X-Correlation-ID"]), method.Request.Headers.Select(static header => header.Key).Except(["Accept"]).Order());
        }
    }

    [Fact]
    public async Task A_method_writes_and_reads_the_schemas_of_its_operation()
    {
        var walk = new SchemaWalk(Contract.Root);
        foreach (var method in (await ClientMethods.CallAsync()).Where(static method => !IsOfAllPages(method)))
        {
            var operation = OperationOf(method);
            Assert.Equal(operation.Bodies.Select(static body => body.Key), method.ContentType is { } type ? [type] : []);
            if (method.Body is { } body)
            {
                walk.Compare(operation.Bodies.Single().Value!["schema"]!, body);
            }

            Assert.True(AnswerOf(operation) is null == method.Answer is null, method.ToString());
            if (method.Answer == typeof(StreamedEvent))
            {
                walk.Compare(Schema("AcceptedEventItem"), typeof(AcceptedEventItem));
            }
            else if (method.Answer is { } answer)
            {
                walk.Compare(AnswerOf(operation)!, answer);
            }
        }

        Prose.AssertNone(walk.Faults);
        Assert.Superset(new HashSet<string> { "EventDetail", "EndpointItem", "EndpointPatch", "FilterRequest", "EventRequest", "Priority" }, walk.Seen.ToHashSet());
    }

    [Fact]
    public void The_publisher_writes_and_reads_the_schemas_of_its_operations()
    {
        var walk = new SchemaWalk(Contract.Root);
        walk.Compare(Schema("EventRequest"), typeof(EventToPublish));
        walk.Compare(Schema("AcceptedEvent"), typeof(AcceptedEvent));
        walk.Compare(Schema("AcceptedBatch"), typeof(AcceptedBatch));
        walk.Compare(Schema("HttpValidationProblemDetails"), typeof(Problem));

        // The members of problems are read with patience: a proxy has problems of its own.
        Assert.Equal(["Problem: the contract has no trace_id"], walk.Faults.Where(static fault => !fault.Contains("never null", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_lag_is_found()
    {
        var changed = new ServedDocument(Contract.Root.DeepClone());
        var schemas = changed.Root["components"]!["schemas"]!;
        schemas["EventItem"]!["properties"]!["a_new_member"] = new JsonObject { ["type"] = "string" };
        schemas["EventItem"]!["properties"]!.AsObject().Remove("source");
        schemas["EventItem"]!["properties"]!["expires_at"]!["type"] = "string";
        schemas["Priority"]!["enum"]!.AsArray().Add("urgent");
        var walk = new SchemaWalk(changed.Root);

        walk.Compare(new JsonObject { ["$ref"] = "#/components/schemas/EventItem" }, typeof(EventItem));

        Assert.Equal(
            [
                "EventItem: the client lacks a_new_member",
                "EventItem: the contract has no source",
                "EventItem.priority: the contract has one of critical, high, medium, low, urgent, the client AspireIntegration.Client.Operating.Priority",
                "EventItem.expires_at: the contract has a member that is never null, the client System.Nullable`1[System.DateTimeOffset]",
            ],
            walk.Faults);
    }

    private static bool IsOfAllPages(ClientMethod method) => method.Method.Name.EndsWith("AllAsync", StringComparison.Ordinal);

    private static string Plain(Operation operation) => $"{operation.Method} {Regex.Replace(operation.Path, @"\{\w+\}", "{}")}";

    private static Operation OperationOf(ClientMethod method) => Operations.Single(operation => Plain(operation) == method.Operation);

    private static IEnumerable<string> In(Operation operation, string place) =>
        operation.Parameters.Where(parameter => (string?)parameter["in"] == place).Select(static parameter => (string)parameter["name"]!).Order();

    private static JsonNode? AnswerOf(Operation operation) =>
        operation.Responses.First(static answer => answer.Key[0] == '2').Value!["content"] switch
        {
            null => null,
            JsonObject content when content.ContainsKey("text/event-stream") => Schema("AcceptedEventItem"),
            var content => content["application/json"]!["schema"],
        };

    private static JsonObject Schema(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };
}
