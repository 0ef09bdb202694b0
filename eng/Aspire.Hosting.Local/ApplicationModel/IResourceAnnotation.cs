namespace Aspire.Hosting.ApplicationModel;

/// <summary>One thing said about a resource.</summary>
public interface IResourceAnnotation;
