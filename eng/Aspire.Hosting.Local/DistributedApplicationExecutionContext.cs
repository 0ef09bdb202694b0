namespace Aspire.Hosting;

/// <summary>What the AppHost has been started for.</summary>
public sealed class DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
{
    /// <summary>What the AppHost has been started for.</summary>
    public DistributedApplicationOperation Operation => operation;

    /// <summary>Whether the application is to run here.</summary>
    public bool IsRunMode => operation == DistributedApplicationOperation.Run;

    /// <summary>Whether the application is to be described for a deployment.</summary>
    public bool IsPublishMode => operation == DistributedApplicationOperation.Publish;
}
