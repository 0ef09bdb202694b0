namespace Aspire.Hosting.ApplicationModel;

internal sealed record WaitAnnotation(IResource Dependency) : IResourceAnnotation;
