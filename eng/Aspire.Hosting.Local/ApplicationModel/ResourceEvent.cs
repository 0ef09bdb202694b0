namespace Aspire.Hosting.ApplicationModel;

/// <summary>A change of a resource's state or health.</summary>
public sealed class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    /// <summary>The resource that changed.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>The id of this run of it.</summary>
    public string ResourceId { get; } = resourceId;

    /// <summary>How it is now.</summary>
    public CustomResourceSnapshot Snapshot { get; } = snapshot;
}
