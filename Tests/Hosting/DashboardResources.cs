using Aspire.Hosting.ApplicationModel;
using Tests.EndToEnd;

namespace Tests.Hosting;

[RunsReplicated]
[Trait("Speed", "Slow")]
public sealed class DashboardResources(DashboardResources.OneTry fixture) : OnAnAppHost(fixture), IClassFixture<DashboardResources.OneTry>
{
    private const string Middleware = "middleware";
    private const string Alerts = "external-alerts";

    public override async ValueTask InitializeAsync()
    {
        await Receiver.BehaveAsync();
        await Receiver.ForgetAsync();
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData(Middleware, "API reference", "/docs")]
    [InlineData(Middleware, "Metrics", "/metrics")]
    [InlineData("console", "Console", "/")]
    [InlineData(Alerts, "Received alerts", "/external/alerts")]
    public async Task A_link_with_its_name_leads_to_a_page_that_answers(string resource, string name, string path)
    {
        var link = new Uri("about:blank");
        await AppHost.SeeStateAsync(resource, state =>
            state.Urls.SingleOrDefault(url => url.DisplayProperties.DisplayName == name) is { IsInactive: false } shown && Uri.TryCreate(shown.Url, UriKind.Absolute, out link!));

        Assert.Equal(path, link.AbsolutePath);
        using var http = new HttpClient();
        using var answer = await http.GetAsync(link, Waiting.Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("MAX_RETRIES", "0")]
    [InlineData("REDELIVERY_SCHEDULE", "")]
    [InlineData("WORKER_COUNT", "10")]
    [InlineData("RETENTION", "1d")]
    [InlineData("SHUTDOWN_TIMEOUT", "4s")]
    public Task A_setting_reaches_the_middleware_as_it_is_given_or_by_its_default(string name, string value) =>
        AppHost.SeeStateAsync(Middleware, state => state.EnvironmentVariables.SingleOrDefault(variable => variable.Name == name)?.Value == value);

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Each_replica_has_its_name_of_the_dashboard()
    {
        var replicas = await Waiting.SeeAsync(
            async () => (await Events.Get("replicas"))["items"]!.AsArray(), static all => all.Count == RunsReplicatedAttribute.Replicas, "all replicas are listed");

        Assert.Equal(AppHost.Processes.Order(), replicas.Select(static replica => (string)replica!["name"]!).Order());
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_sample_event_is_accepted_by_its_id_and_delivered()
    {
        var message = await SucceedAsync(Middleware, "send-sample-event");

        Assert.Matches(@"^Event [0-9a-f]{32} is accepted\.$", message);
        var eventId = message!.Split(' ')[1];
        var alert = (await Receiver.AlertAsync(eventId))["alert"]!;
        Assert.Equal(("dashboard", "sample", "high"), ((string?)alert["source"], (string?)alert["event_type"], (string?)alert["severity"]));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task All_dead_letters_are_replayed_and_counted()
    {
        Assert.Equal("There is no dead letter.", await SucceedAsync(Middleware, "replay-dead-letters"));
        await Receiver.MisbehaveAsync("""{"status":400}""");
        var eventIds = await Events.Accept(2);
        await Waiting.SeeAsync(() => Events.Get("dead-letters"), static page => page["items"]!.AsArray().Count == 2, "both are dead letters");
        await Receiver.BehaveAsync();

        var message = await SucceedAsync(Middleware, "replay-dead-letters");

        Assert.Matches(@"^Replay [0-9a-f]{32} delivers 2 dead letters again\.$", message);
        foreach (var eventId in eventIds)
        {
            await Receiver.AlertAsync(eventId);
        }
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("fail-half", "Half of the requests are answered with 503.", 503, 0.5, false)]
    [InlineData("hang", "No request is answered.", null, 1.0, true)]
    public async Task A_fault_is_set_and_shown_until_the_receiver_answers_well_again(string command, string effect, int? status, double rate, bool hangs)
    {
        Assert.Equal(effect, await SucceedAsync(Alerts, command));

        var set = await Receiver.FaultAsync();
        Assert.Equal((true, status, rate, hangs), ((bool)set["active"]!, (int?)set["status"], (double)set["rate"]!, (bool)set["hang"]!));
        await AppHost.SeeStateAsync(Alerts, state => IsEnabled(state, "answer-well") && FaultOf(state) == effect);

        Assert.Equal("Every request is answered well.", await SucceedAsync(Alerts, "answer-well"));

        Assert.False((bool)(await Receiver.FaultAsync())["active"]!);
        await AppHost.SeeStateAsync(Alerts, static state => !IsEnabled(state, "answer-well") && FaultOf(state) is null);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Commands_are_enabled_while_their_service_is_healthy_and_a_fault_ends_with_its_receiver()
    {
        await AppHost.SeeStateAsync(Middleware, static state => IsEnabled(state, "send-sample-event") && IsEnabled(state, "replay-dead-letters"));
        await AppHost.SeeStateAsync(Alerts, static state => IsEnabled(state, "fail-half") && IsEnabled(state, "hang") && !IsEnabled(state, "answer-well"));
        await SucceedAsync(Alerts, "fail-half");
        await AppHost.SeeStateAsync(Alerts, static state => IsEnabled(state, "answer-well"));

        await SucceedAsync(Alerts, "stop");
        await AppHost.SeeStateAsync(Alerts, static state => !IsEnabled(state, "fail-half") && !IsEnabled(state, "hang") && !IsEnabled(state, "answer-well"));

        await SucceedAsync(Alerts, "start");
        await AppHost.SeeStateAsync(Alerts, static state => IsEnabled(state, "fail-half") && !IsEnabled(state, "answer-well") && FaultOf(state) is null);
        Assert.False((bool)(await Receiver.FaultAsync())["active"]!);
    }

    private async Task<string?> SucceedAsync(string resource, string command)
    {
        var result = await AppHost.ExecuteAsync(resource, command);
        Assert.True(result.Success, result.Message);
        return result.Message;
    }

    private static bool IsEnabled(CustomResourceSnapshot state, string command) =>
        state.Commands.Single(shown => shown.Name == command).State == ResourceCommandState.Enabled;

    private static string? FaultOf(CustomResourceSnapshot state) => (string?)state.Properties.SingleOrDefault(static property => property.Name == "Fault")?.Value;

    /// <summary>Each failure is a dead letter at once, and rests until it is replayed.</summary>
    public sealed class OneTry() : SharedAppHost("HTTP_TIMEOUT=1m", "MAX_RETRIES=0", "REDELIVERY_SCHEDULE=", "RETENTION=1d");
}
