using System.Reflection;
using System.Text.RegularExpressions;
using Middleware.Events;

namespace Tests.Middleware.Http.Contract;

/// <summary>The parts of the document over which generators of clients stumble.</summary>
public partial class GeneratingClients : OnAService
{
    private static readonly string[] Enums =
    [
        "AcceptStatus", "ApiVersion", "AuthKind", "CircuitState", "DeadLetterState", "DeliveryFormat", "DeliveryStatus", "DisabledReason", "EndpointOrigin", "EventStatus",
        "ExpressionFaultKind", "HealthState", "HealthStatus", "OnExhausted", "Ordering", "Priority", "ReplayAction", "ReplayResult", "ReplayState", "ReplaySubject", "WaitingDeliveries", "WhenFull",
    ];

    [Fact]
    public async Task Each_enum_is_one_schema_to_which_all_else_refers()
    {
        var document = await ServedDocument.OfAsync(Service);
        var schemas = document.Root["components"]!["schemas"]!.AsObject();

        Assert.Equal(Enums, schemas.Where(static schema => schema.Value!["enum"] is not null).Select(static schema => schema.Key));
        Assert.All(Nodes(document.Root).Where(static node => node.ContainsKey("enum") && !InHeader(node)), node => Assert.Equal("components.schemas", Parent(node)));
        Assert.Equal("""["critical","high","medium","low"]""", schemas["Priority"]!["enum"]!.ToJsonString());
        Assert.Equal("#/components/schemas/Priority", (string?)schemas["EventItem"]!["properties"]!["priority"]!["$ref"]);
        Assert.Equal(
            """[{"type":"null"},{"$ref":"#/components/schemas/WhenFull"}]""", schemas["EndpointRequest"]!["properties"]!["when_full"]!["oneOf"]!.ToJsonString());
        Assert.Equal("#/components/schemas/EventStatus", (string?)document.Operations.Single(static operation => operation.ToString() == "GET /api/v1/events")
            .Parameters.Single(static parameter => (string?)parameter["name"] == "status")["schema"]!["$ref"]);

        static string Parent(JsonNode node) => Regex.Replace(node.GetPath(), @"^\$\.|\.\w+$", "");

        // No client is generated of the headers of answers.
        static bool InHeader(JsonNode node) => node.GetPath().Contains("components.headers", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_operation_is_a_client_and_a_method_of_it()
    {
        var operations = (await ServedDocument.OfAsync(Service)).Operations.Select(static operation => operation.Id).ToList();

        Assert.All(operations, static id => Assert.Matches("^[a-z][A-Za-z]*_[a-z][A-Za-z]*$", id));
        Assert.Superset(new HashSet<string> { "deadLetters_list", "endpoints_rotateSecret", "endpoints_patch", "accepting_acceptBatch", "metrics_scrape" }, operations.ToHashSet());
    }

    [Fact]
    public async Task Each_answer_of_success_has_one_schema_whatever_its_status()
    {
        Assert.All((await ServedDocument.OfAsync(Service)).Operations, static operation =>
        {
            var schemas = operation.Responses.Where(static answer => answer.Key.StartsWith('2')).Select(static answer => answer.Value!["content"]?["application/json"]?["schema"]!.ToJsonString());
            Assert.True(schemas.Distinct().Count() == 1, operation.ToString());
        });
    }

    [Fact]
    public async Task Any_members_and_null_are_where_they_may_be()
    {
        var document = await ServedDocument.OfAsync(Service);
        var schemas = document.Root["components"]!["schemas"]!.AsObject();

        Assert.True((bool)schemas["EventRequest"]!["properties"]!["metadata"]!["additionalProperties"]!);
        Assert.DoesNotContain("JsonElement", schemas.Select(static schema => schema.Key));
        var check = new SchemaCheck(document);
        foreach (var payload in (string[])["null", """{"event_id":"x","metadata":{"a":[1]}}"""])
        {
            Assert.Empty(check.Faults(schemas["EventDetail"]!["properties"]!["payload"]!, JsonNode.Parse(payload)));
        }
    }

    [Fact]
    public async Task No_text_names_code()
    {
        var document = await ServedDocument.OfAsync(Service);
        var code = new[] { typeof(IntegrationEvent).Assembly, typeof(global::ServiceDefaults.Correlation).Assembly, typeof(System.Text.Json.JsonElement).Assembly }
            .SelectMany(static assembly => assembly.GetTypes())
            .SelectMany(static type => type.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .Select(static member => member.Name).Append(type.Name))
            .Where(static name => TwoWords().IsMatch(name))
            .Except(document.Root["components"]!["schemas"]!.AsObject().Select(static schema => schema.Key))
            .Except(["CloudEvents", "RateLimit"])
            .ToHashSet();

        var texts = Nodes(document.Root).SelectMany(static node => new[] { node["description"], node["summary"] }).OfType<JsonValue>().Select(static text => (string)text!).ToList();
        Assert.NotEmpty(texts);
        Assert.All(texts, text => Assert.DoesNotContain(TwoWords().Matches(text).Select(static name => name.Value), name => code.Contains(name)));
    }

    private static IEnumerable<JsonObject> Nodes(JsonNode? node) => node switch
    {
        JsonObject members => members.Where(static member => member.Key is not ("example" or "examples")).SelectMany(static member => Nodes(member.Value)).Prepend(members),
        JsonArray entries => entries.SelectMany(Nodes),
        _ => [],
    };

    /// <summary>A name that no prose has.</summary>
    [GeneratedRegex(@"\b[A-Z][a-z]+[A-Z]\w+\b")]
    private static partial Regex TwoWords();
}
