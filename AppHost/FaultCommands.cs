using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;

namespace AppHost;

/// <summary>Commands of the receiver in the dashboard. The fault that they set is shown there as a property of the receiver.</summary>
internal static class FaultCommands
{
    private const string Path = "/external/faults";
    private const string Property = "Fault";

    public static IResourceBuilder<ProjectResource> WithFaultCommands(this IResourceBuilder<ProjectResource> alerts) => alerts
        .WithFault("Fail half of the requests", "fail-half", "ErrorCircle", """{"status":503,"rate":0.5}""", "Half of the requests are answered with 503.")
        .WithFault("Hang", "hang", "Hourglass", """{"hang":true}""", "No request is answered.")
        .WithHttpCommand(Path, "Answer well again", commandName: "answer-well", commandOptions: new()
        {
            Description = "End the fault; requests that hang go on hanging.",
            Method = HttpMethod.Delete,
            IconName = "CheckmarkCircle",
            UpdateState = static context => IsHealthy(context.ResourceSnapshot) && context.ResourceSnapshot.Properties.Any(IsFault)
                ? ResourceCommandState.Enabled
                : ResourceCommandState.Disabled,
            GetCommandResult = ShowsAs(alerts.Resource, fault: null, "Every request is answered well."),
        })
        .OnBeforeResourceStarted(static (alerts, started, _) => ShowAsync(started.Services, alerts, fault: null));

    private static IResourceBuilder<ProjectResource> WithFault(
        this IResourceBuilder<ProjectResource> alerts, string displayName, string name, string icon, string fault, string effect) =>
        alerts.WithHttpCommand(Path, displayName, commandName: name, commandOptions: new()
        {
            Description = $"{effect} It holds until the receiver is to answer well again, or is restarted.",
            Method = HttpMethod.Put,
            IconName = icon,
            ConfirmationMessage = $"{effect} Deliveries may become dead letters. Continue?",
            PrepareRequest = RequestCommand.Sends(fault),
            GetCommandResult = ShowsAs(alerts.Resource, effect, effect),
        });

    private static Func<HttpCommandResultContext, Task<ExecuteCommandResult>> ShowsAs(ProjectResource alerts, string? fault, string effect) => async context =>
    {
        var result = await RequestCommand.Shows(_ => effect)(context);
        if (result.Success)
        {
            await ShowAsync(context.Services, alerts, fault);
        }

        return result;
    };

    private static Task ShowAsync(IServiceProvider services, ProjectResource alerts, string? fault) =>
        services.GetRequiredService<ResourceNotificationService>().PublishUpdateAsync(alerts, snapshot => snapshot with
        {
            Properties =
            [
                .. snapshot.Properties.Where(static property => !IsFault(property)),
                .. fault is null ? ImmutableArray<ResourcePropertySnapshot>.Empty : [new ResourcePropertySnapshot(Property, fault)],
            ],
        });

    private static bool IsFault(ResourcePropertySnapshot property) => property.Name == Property;

    private static bool IsHealthy(CustomResourceSnapshot snapshot) =>
        snapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy;
}
