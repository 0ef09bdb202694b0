using Aspire.Hosting.Local;

namespace Aspire.Hosting.ApplicationModel;

internal sealed record LaunchProfileAnnotation(LaunchProfile Profile) : IResourceAnnotation;
