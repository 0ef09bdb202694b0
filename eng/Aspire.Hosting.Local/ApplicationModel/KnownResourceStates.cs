namespace Aspire.Hosting.ApplicationModel;

/// <summary>The states that a resource goes through.</summary>
public static class KnownResourceStates
{
    /// <summary>Nothing has been done yet.</summary>
    public static readonly string NotStarted = nameof(NotStarted);

    /// <summary>It waits for another resource to be healthy.</summary>
    public static readonly string Waiting = nameof(Waiting);

    /// <summary>Its process is being started.</summary>
    public static readonly string Starting = nameof(Starting);

    /// <summary>Its process runs; whether it is healthy is another matter.</summary>
    public static readonly string Running = nameof(Running);

    /// <summary>Its process could not be started.</summary>
    public static readonly string FailedToStart = nameof(FailedToStart);

    /// <summary>It has been told to stop.</summary>
    public static readonly string Stopping = nameof(Stopping);

    /// <summary>Its process ended with an exit code other than 0.</summary>
    public static readonly string Exited = nameof(Exited);

    /// <summary>Its process ended with exit code 0.</summary>
    public static readonly string Finished = nameof(Finished);
}
