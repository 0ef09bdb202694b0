namespace Aspire.Hosting.ApplicationModel;

/// <summary>A part of the distributed application: a project, a parameter, a connection string.</summary>
public interface IResource
{
    /// <summary>The name, unique in the application without regard to case.</summary>
    string Name { get; }

    /// <summary>What has been said about the resource.</summary>
    ResourceAnnotationCollection Annotations { get; }
}
