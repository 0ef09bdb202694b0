using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Middleware.Events;
using ServiceDefaults;

namespace Tests;

/// <summary>Holds the dependencies of Middleware.Api. A slice is a folder and a namespace; what stands at the root may use all slices.</summary>
public class ArchitectureTests
{
    private const string Defaults = "ServiceDefaults";

    /// <summary>The slices that each slice may use. All of them stand above it, so there is no cycle.</summary>
    private static readonly OrderedDictionary<string, string[]> MayUse = new()
    {
        ["Events"] = ["ServiceDefaults.Ids", "ServiceDefaults.Settings.Duration"],
        ["Http"] = ["Events", Defaults],
        ["Filtering"] = ["Events", "Http"],
        ["Callers"] = ["Events", "Http", "Filtering", Defaults],
        ["Audit"] = ["Events", "Http", Defaults],
        ["Endpoints"] = ["Events", "Http", "Filtering", Defaults],
        ["Telemetry"] = ["Events", "Endpoints", Defaults],
        ["DeadLetters"] = ["Events", "Http", "Endpoints", Defaults],
        ["History"] = ["Events", "Http", "DeadLetters"],
        ["Matching"] = ["Events", "Http", "Filtering", "Endpoints", "DeadLetters", "History"],
        ["Streaming"] = ["Events", "Http", "Filtering", "Callers", "History"],
        ["Accepting"] = ["Events", "Http", "Filtering", "Endpoints", "Telemetry", "History", Defaults],
        ["Delivering"] = ["Events", "Endpoints", "Telemetry", Defaults],
        ["Sending"] = ["Events", "Http", "Endpoints", "Delivering", Defaults],
        ["Replays"] = ["Events", "Http", "Endpoints", "Telemetry", "DeadLetters", "History", "Delivering", Defaults],
        ["Erasing"] = ["Events", "Http", "History", "Replays"],
        ["Replicas"] = ["Events", "Http", "Callers", "Endpoints", "Delivering", Defaults],
        ["Health"] = ["Events", "Http", "Endpoints", "Telemetry", "Delivering", "Replicas"],
        ["Stats"] = ["Events", "Http", "Endpoints", "Telemetry", "Delivering", "ServiceDefaults.Settings.Duration"],
        ["Retention"] = [Defaults],
        ["Expiring"] = ["Events", "Endpoints", "Delivering"],
        ["Platform"] = ["Events", "Endpoints", "Accepting", "Delivering", Defaults],
        ["Storage"] = ["Events", "Http", "Filtering", "Callers", "Audit", "Endpoints", "Telemetry", "DeadLetters", "History", "Accepting", "Delivering", "Replays", "Erasing", "Retention", "Expiring", "Replicas", "Streaming", "Stats", Defaults],
    };

    /// <summary>The settings at the root, which every slice may read.</summary>
    private static readonly string[] Settings = ["Setting", "AcceptLimits", "ShutdownSettings"];

    private static readonly string[] HttpClients =
    [
        "System.Net.Http.HttpClient", "System.Net.Http.HttpMessageInvoker", "System.Net.Http.SocketsHttpHandler", "System.Net.Http.HttpClientHandler",
        "System.Net.Http.IHttpClientFactory",
    ];

    private static readonly string[] Sql = ["Microsoft.Data.", "Microsoft.EntityFrameworkCore", "Npgsql", "System.Data", "Dapper", "SQLitePCL"];

    private static readonly Lazy<Uses> Product = new(() => new Uses("Middleware", typeof(IntegrationEvent).Assembly, typeof(Correlation).Assembly));

    public static TheoryData<string> Slices => [.. MayUse.Keys];

    [Theory]
    [MemberData(nameof(Slices))]
    public void A_slice_uses_only_what_it_may(string slice) => Assert.Empty(Product.Value.OfOthers(slice, [.. MayUse[slice], .. Settings]));

    [Theory]
    [MemberData(nameof(Slices))]
    public void A_slice_may_use_only_those_above_it(string slice) =>
        Assert.All(MayUse[slice].Where(static used => !used.StartsWith(Defaults, StringComparison.Ordinal)), used => Assert.InRange(MayUse.IndexOf(used), 0, MayUse.IndexOf(slice) - 1));

    [Fact]
    public void Only_settings_and_what_starts_the_service_are_in_no_slice() => Assert.Equal(
        ["Middleware.AcceptLimits", "Middleware.Api", "Middleware.ApiJson", "Middleware.Commands", "Middleware.RepeatedWork", "Middleware.RepeatedWorks", "Middleware.Setting", "Middleware.SettingItem", "Middleware.SettingRoutes", "Middleware.SettingsInForce", "Middleware.ShutdownSettings", "Middleware.Startup"],
        Product.Value.OutsideOf(MayUse.Keys).Order(StringComparer.Ordinal));

    [Fact]
    public void Events_are_pure() => Assert.Empty(Product.Value.Of("Events", "Microsoft.", "System.Net."));

    [Fact]
    public void The_filter_language_uses_the_base_library_alone()
    {
        var uses = Product.Value.Of("Filtering.Cesql", "").ToList();

        Assert.NotEmpty(uses);
        // What has no namespace is a type parameter of the compiler's own helpers.
        Assert.All(uses, use => Assert.Matches(@" uses ((System|Middleware\.Filtering\.Cesql)\.|(TBuffer|TElement)\b)", use));
    }

    [Fact]
    public void Only_Sending_makes_requests_and_Callers_the_fetch_of_keys()
    {
        Assert.NotEmpty(Product.Value.Of("Sending", HttpClients));
        Assert.All(Product.Value.Of("Callers", HttpClients), static use => Assert.StartsWith("Middleware.Callers.CallersRegistration ", use, StringComparison.Ordinal));
        Assert.All(MayUse.Keys.Except(["Sending", "Callers"]), slice => Assert.Empty(Product.Value.Of(slice, HttpClients)));
    }

    [Fact]
    public void Only_Storage_speaks_SQL() => Assert.All(MayUse.Keys.Except(["Storage"]), slice => Assert.Empty(Product.Value.Of(slice, Sql)));

    [Fact]
    public void Only_routes_and_what_they_read_and_answer_use_AspNetCore() => Assert.All(
        MayUse.Keys.Except(["Http"]).SelectMany(static slice => Product.Value.Of(slice, "Microsoft.AspNetCore.")),
        static use => Assert.Matches(@"^Middleware\.\w+\.\w*(Routes|Handler|Problems|Body|Item|Answers|Result|Description|Versions|IfMatch|OperatorName|IdempotencyKey|RefusalLog|Gate|Tokens|CallersRegistration)\b", use));

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

    /// <summary>The uses of the types of some assemblies, each as <c>type uses type</c>.</summary>
    private sealed class Uses(string root, params System.Reflection.Assembly[] assemblies)
    {
        private readonly Architecture _architecture = new ArchLoader().LoadAssemblies(assemblies).Build();

        /// <summary>The uses that a slice makes of our other slices and of ServiceDefaults beyond those allowed.</summary>
        public IEnumerable<string> OfOthers(string slice, string[] allowed) =>
            from use in From($"{root}.{slice}", $"{root}.", Defaults)
            let used = use.Split(" uses ")[1]
            where !allowed.Append(slice).Select(name => name.StartsWith(Defaults, StringComparison.Ordinal) ? name : $"{root}.{name}").Any(name => used == name || IsIn(used, name))
            select use;

        public IEnumerable<string> Of(string slice, params string[] prefixes) => From($"{root}.{slice}", prefixes);

        public IEnumerable<string> From(string user, params string[] prefixes) =>
            from type in _architecture.Types
            where IsIn(type.FullName, user)
            from target in type.Dependencies.Select(dependency => dependency.Target.FullName).Distinct()
            where prefixes.Any(prefix => target.StartsWith(prefix, StringComparison.Ordinal))
            select $"{type.FullName} uses {target}";

        public IEnumerable<string> OutsideOf(IEnumerable<string> slices) =>
            from type in _architecture.Types
            where type.FullName.StartsWith(root + ".", StringComparison.Ordinal) && !slices.Any(slice => IsIn(type.FullName, $"{root}.{slice}"))
            select type.FullName;

        private static bool IsIn(string type, string name) => type.StartsWith(name + ".", StringComparison.Ordinal);
    }
}
