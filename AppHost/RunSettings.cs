using Middleware;

namespace AppHost;

/// <summary>Settings of the services for a run of the AppHost, which kills services that still run 6 s after their stop.</summary>
internal static class RunSettings
{
    /// <summary>
    /// Bounds the time of the last export at a stop. Aspire has exporters retry within their time-out, 10 s. Without a dashboard, or with one that
    /// was the first to stop, they would use up the 6 s.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithTimeToStop(this IResourceBuilder<ProjectResource> service) =>
        service.WithEnvironment("OTEL_EXPORTER_OTLP_TIMEOUT", "1000");

    /// <summary>Passes on what is configured, such as <c>QUEUE_SIZE=5</c> as an argument, and adds a parameter for each setting that is changed in the dashboard.</summary>
    public static IResourceBuilder<ProjectResource> WithRunSettings(this IResourceBuilder<ProjectResource> middleware)
    {
        var builder = middleware.ApplicationBuilder;

        middleware.WithEnvironment(Setting.ShutdownTimeout.Name, "4s");
        foreach (var setting in Setting.All)
        {
            var given = builder.Configuration[setting.Name];
            var file = $"{setting.Name}_FILE";
            if (builder.Configuration[file] is { Length: > 0 } path)
            {
                middleware.WithEnvironment(file, Path.GetFullPath(path));
            }
            else if (setting.Description.Length > 0)
            {
                // Names of Aspire have hyphens and no underscores; its own key of a parameter holds too.
                var name = setting.Name.ToLowerInvariant().Replace('_', '-');
                var value = given ?? builder.Configuration[$"Parameters:{name}"] ?? setting.Default;
                middleware.WithEnvironment(setting.Name, builder.AddParameter(name, value).WithDescription(setting.Description));
            }
            else if (given is not null)
            {
                middleware.WithEnvironment(setting.Name, given);
            }
        }

        return middleware;
    }

    /// <summary>Runs so many processes behind Aspire's proxy. Each is named as in the dashboard, unless a name is given.</summary>
    public static void WithNamedReplicas(this IResourceBuilder<ProjectResource> middleware, int replicas)
    {
        middleware.WithReplicas(replicas);
        if (string.IsNullOrEmpty(middleware.ApplicationBuilder.Configuration[Setting.ReplicaName.Name]))
        {
            // The orchestrator fills it in for each process. As an interpolated value it would be taken for an expression, in which two braces are one.
            var name = middleware.Resource.Name + """-{{ index .Annotations "otel-service-instance-id" }}""";
            middleware.WithEnvironment(Setting.ReplicaName.Name, name);
        }
    }
}
