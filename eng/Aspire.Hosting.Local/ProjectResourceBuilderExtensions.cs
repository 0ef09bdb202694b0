using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Local;

namespace Aspire.Hosting;

/// <summary>Adds .NET projects.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project with the launch profile that is named as the AppHost's, or else its first.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new()
    {
        var project = new TProject();
        return builder.AddProject(name, project, LaunchProfile.Read(project, builder.Configuration["DOTNET_LAUNCH_PROFILE"], required: false));
    }

    /// <summary>Adds a project with the launch profile named, or with none if the name is null.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, string name, string? launchProfileName)
        where TProject : IProjectMetadata, new()
    {
        var project = new TProject();
        return builder.AddProject(name, project, launchProfileName is null ? null : LaunchProfile.Read(project, launchProfileName, required: true));
    }

    /// <summary>Says how many processes of the project to run; the stand-in runs one, and refuses to start with more.</summary>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas) =>
        builder.Annotate(new ReplicaAnnotation(replicas));

    private static IResourceBuilder<ProjectResource> AddProject(
        this IDistributedApplicationBuilder builder, string name, IProjectMetadata project, LaunchProfile? profile)
    {
        var added = builder.AddResource(new ProjectResource(name)).Annotate(project);
        if (profile is null)
        {
            return added;
        }

        foreach (var endpoint in profile.Endpoints())
        {
            added.Annotate(endpoint);
        }

        return added.Annotate(new LaunchProfileAnnotation(profile));
    }
}
