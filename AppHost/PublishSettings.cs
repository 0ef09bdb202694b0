using Middleware;

namespace AppHost;

/// <summary>Settings of the middleware and the console in the manifest for Azure. <c>infra/*.tmpl.yaml</c> has what a manifest has no word for: replicas, probes, time to stop.</summary>
internal static class PublishSettings
{
    /// <summary>The port of the metrics, as on Kubernetes. It is open inside of the environment alone.</summary>
    public const int MetricsPort = 9464;

    /// <summary>Addresses of the proxies of Container Apps, before an app in an environment whose network is Azure's own.</summary>
    private const string Ingress = "100.100.0.0/16";

    private const string SimulatedReceiver = "http://external-alerts/external/alerts";

    /// <summary>Adds what a run of the AppHost has otherwise, or not at all. The default switch for forwarded headers would trust everybody.</summary>
    public static void WithPublishSettings(this IResourceBuilder<ProjectResource> middleware)
    {
        var builder = middleware.ApplicationBuilder;
        var endpoint = builder.AddParameter("external-endpoint-url", SimulatedReceiver, publishValueAsDefault: true)
            .WithDescription("The URL of the built-in endpoint; empty for none.");
        var masterKey = builder.AddParameter("master-key", secret: true)
            .WithDescription("The key that encrypts the store: an id, a space and 32 bytes in base64.");

        middleware.DisableForwardedHeaders()
            .WithEnvironment("EXTERNAL_ENDPOINT_URL", endpoint)
            .WithEnvironment(Setting.MasterKey.Name, masterKey)
            .WithEnvironment(Setting.TrustedProxies.Name, Ingress)
            .WithEnvironment(Setting.ShutdownTimeout.Name, Setting.ShutdownTimeout.Default);
    }

    /// <summary>Adds those of the console, without a key: everybody signs in. By the word of the ingress it knows that people reach it by TLS.</summary>
    public static void WithPublishSettings(this IResourceBuilder<ProjectResource> console, IResourceBuilder<ProjectResource> middleware) =>
        console.DisableForwardedHeaders()
            .WithEnvironment("MIDDLEWARE_URL", middleware.GetEndpoint("http"))
            .WithEnvironment(Setting.TrustedProxies.Name, Ingress);
}
