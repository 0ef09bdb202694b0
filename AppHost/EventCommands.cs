namespace AppHost;

/// <summary>Commands of the middleware in the dashboard.</summary>
internal static class EventCommands
{
    private const string SampleEvent =
        """{"source":"dashboard","event_type":"sample","severity":"high","message":"A sample event, sent from Aspire's dashboard."}""";

    private const string AllDeadLetters = """{"of":"dead_letters","filter":{}}""";

    public static IResourceBuilder<ProjectResource> WithEventCommands(this IResourceBuilder<ProjectResource> middleware, ParameterResource key) => middleware
        .WithHttpCommand("/integrations/events", "Send a sample event", commandName: "send-sample-event", commandOptions: new()
        {
            IconName = "Send",
            IsHighlighted = true,
            PrepareRequest = RequestCommand.Sends(SampleEvent, key),
            GetCommandResult = RequestCommand.Shows(static answer => $"Event {answer!["event_id"]} is accepted."),
        })
        .WithHttpCommand("/api/v1/replays", "Replay all dead letters", commandName: "replay-dead-letters", commandOptions: new()
        {
            Description = "Deliver every dead letter again, below live traffic.",
            IconName = "ArrowRepeatAll",
            ConfirmationMessage = "Every dead letter is delivered again to its endpoint. Continue?",
            PrepareRequest = RequestCommand.Sends(AllDeadLetters, key),
            GetCommandResult = RequestCommand.Shows(static answer => (long)answer!["total"]! switch
            {
                0 => "There is no dead letter.",
                1 => $"Replay {answer["id"]} delivers 1 dead letter again.",
                var total => $"Replay {answer["id"]} delivers {((bool)answer["total_is_lower_bound"]! ? "at least " : "")}{total} dead letters again.",
            }),
        });
}
