namespace Middleware.Replicas;

internal static class ReplicasRegistration
{
    public static IServiceCollection AddReplicas(this IServiceCollection services) => services.AddSingleton<FollowChanges>();
}
