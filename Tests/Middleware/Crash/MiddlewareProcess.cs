namespace Tests.Middleware.Crash;

/// <summary>Starts the middleware as a process of its own, on a data folder that outlives it.</summary>
internal static class MiddlewareProcess
{
    private const string Project = "Middleware.Api";

    /// <summary>Starts it and waits for nothing.</summary>
    public static ServiceProcess Begin(string dataFolder, Uri receiver, params IEnumerable<string> settings) =>
        ServiceProcess.Begin(Project, Settings(dataFolder, receiver, settings));

    /// <summary>Starts it and waits until it listens.</summary>
    public static Task<ServiceProcess> StartAsync(string dataFolder, Uri receiver, params IEnumerable<string> settings) =>
        ServiceProcess.StartAsync(Project, Settings(dataFolder, receiver, settings));

    private static IEnumerable<string> Settings(string dataFolder, Uri receiver, IEnumerable<string> settings) =>
        [$"DATA_DIR={dataFolder}", $"EXTERNAL_ENDPOINT_URL={receiver}", "QUEUE_SIZE=1000000", .. settings];
}
