namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource that environment variables can be given to.</summary>
public interface IResourceWithEnvironment : IResource;
