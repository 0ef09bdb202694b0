namespace Aspire.Hosting;

/// <summary>What the AppHost has been started for.</summary>
public enum DistributedApplicationOperation
{
    /// <summary>To run the application here.</summary>
    Run,

    /// <summary>To describe the application for a deployment, which needs Aspire's packages.</summary>
    Publish,
}
