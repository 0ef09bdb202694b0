using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Middleware.Domain;
using ServiceDefaults;

namespace Tests;

/// <summary>Who may use whom: a layer of Middleware.Api is a folder and a namespace.</summary>
public class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Domain"] = ["Cesql"],
        ["UseCases"] = ["Domain", "ServiceDefaults"],
        ["Api"] = ["UseCases", "Domain", "Cesql", "ServiceDefaults"],
        ["Workers"] = ["UseCases", "Domain", "ServiceDefaults"],
        ["Storage"] = ["UseCases", "Domain", "ServiceDefaults"],
        ["Outbound"] = ["UseCases", "Domain", "ServiceDefaults"],
        ["Console"] = ["UseCases", "Domain", "ServiceDefaults"],
        ["Cesql"] = [],
    };

    private static readonly string[] HttpClients =
    [
        "System.Net.Http.HttpClient", "System.Net.Http.HttpMessageInvoker", "System.Net.Http.SocketsHttpHandler", "System.Net.Http.HttpClientHandler",
        "System.Net.Http.IHttpClientFactory",
    ];

    private static readonly string[] Sql = ["Microsoft.Data.", "Microsoft.EntityFrameworkCore", "Npgsql", "System.Data", "Dapper", "SQLitePCL"];

    private static readonly Lazy<Uses> Product = new(() => new Uses("Middleware", typeof(IntegrationEvent).Assembly, typeof(Correlation).Assembly));

    [Theory]
    [InlineData("Domain")]
    [InlineData("UseCases")]
    [InlineData("Api")]
    [InlineData("Workers")]
    [InlineData("Storage")]
    [InlineData("Outbound")]
    [InlineData("Console")]
    [InlineData("Cesql")]
    public void A_layer_uses_only_what_it_may(string layer) => Assert.Empty(Product.Value.OfOthers(layer, MayUse[layer]));

    [Fact]
    public void Every_type_but_the_one_that_starts_all_is_in_a_layer() => Assert.Equal(["Middleware.Startup"], Product.Value.OutsideOf(MayUse.Keys));

    [Theory]
    [InlineData("Domain")]
    [InlineData("Cesql")]
    public void The_core_is_pure(string layer) => Assert.Empty(Product.Value.Of(layer, "Microsoft.", "System.Net.", "ServiceDefaults"));

    [Fact]
    public void The_filter_language_uses_the_base_library_alone()
    {
        var uses = Product.Value.Of("Cesql", "").ToList();

        Assert.NotEmpty(uses);
        // What has no namespace is a type parameter of the compiler's own helpers.
        Assert.All(uses, use => Assert.Matches(@" uses ((System|Middleware\.Cesql)\.|(TBuffer|TElement)\b)", use));
    }

    [Fact]
    public void Only_Outbound_makes_requests()
    {
        Assert.NotEmpty(Product.Value.Of("Outbound", HttpClients));
        Assert.All(MayUse.Keys.Except(["Outbound"]), layer => Assert.Empty(Product.Value.Of(layer, HttpClients)));
    }

    [Fact]
    public void Only_Storage_speaks_SQL() =>
        Assert.All(MayUse.Keys.Except(["Storage"]), layer => Assert.Empty(Product.Value.Of(layer, Sql)));

    [Fact]
    public void The_defaults_know_no_service() => Assert.Empty(Product.Value.From("ServiceDefaults", "Middleware.", "ExternalAlerts"));

    [Fact]
    public void A_breach_inside_of_an_async_lambda_is_seen()
    {
        var breaching = new Uses("Tests.Breaching", typeof(Breaching.Domain.Breach).Assembly);

        Assert.Contains("Tests.Breaching.Domain.Breach uses Tests.Breaching.Outbound.Forbidden", breaching.OfOthers("Domain", []));
        Assert.Contains("Tests.Breaching.Domain.Breach uses System.Net.Http.HttpClient", breaching.Of("Domain", HttpClients));
        Assert.NotEmpty(breaching.OutsideOf(["Outbound"]));
        Assert.Empty(breaching.OfOthers("Domain", ["Outbound"]));
        Assert.Empty(breaching.OutsideOf(["Domain", "Outbound"]));
    }

    /// <summary>What the types of some assemblies use, each as <c>type uses type</c>.</summary>
    private sealed class Uses(string root, params System.Reflection.Assembly[] assemblies)
    {
        private readonly Architecture _architecture = new ArchLoader().LoadAssemblies(assemblies).Build();

        /// <summary>What a layer uses of our other layers and of ServiceDefaults beyond those allowed.</summary>
        public IEnumerable<string> OfOthers(string layer, string[] allowed) =>
            from use in From($"{root}.{layer}", $"{root}.", "ServiceDefaults")
            where !allowed.Append(layer).Any(name => IsIn(use.Split(" uses ")[1], name == "ServiceDefaults" ? name : $"{root}.{name}"))
            select use;

        public IEnumerable<string> Of(string layer, params string[] prefixes) => From($"{root}.{layer}", prefixes);

        public IEnumerable<string> From(string user, params string[] prefixes) =>
            from type in _architecture.Types
            where IsIn(type.FullName, user)
            from target in type.Dependencies.Select(dependency => dependency.Target.FullName).Distinct()
            where prefixes.Any(prefix => target.StartsWith(prefix, StringComparison.Ordinal))
            select $"{type.FullName} uses {target}";

        public IEnumerable<string> OutsideOf(IEnumerable<string> layers) =>
            from type in _architecture.Types
            where type.FullName.StartsWith(root + ".", StringComparison.Ordinal) && !layers.Any(layer => IsIn(type.FullName, $"{root}.{layer}"))
            select type.FullName;

        private static bool IsIn(string type, string name) => type.StartsWith(name + ".", StringComparison.Ordinal);
    }
}
