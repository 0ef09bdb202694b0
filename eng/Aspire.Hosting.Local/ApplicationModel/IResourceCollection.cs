namespace Aspire.Hosting.ApplicationModel;

/// <summary>The resources of a distributed application, in the order in which they were added.</summary>
public interface IResourceCollection : IList<IResource>;
