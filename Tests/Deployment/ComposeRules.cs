using System.Text.RegularExpressions;
using Middleware;
using static Tests.Deployment.Cluster.PodRules;
using static Tests.Deployment.YamlText;

namespace Tests.Deployment;

/// <summary>The rules for <c>compose.yaml</c> and <c>.env.example</c>; each fault is a sentence.</summary>
internal static partial class ComposeRules
{
    private const string Secrets = "/run/secrets/";

    // Given as files or by the image, or in need of a folder that the compose file does not mount.
    private static readonly HashSet<string> NotPassed = ["ADMIN_KEY", "MASTER_KEY", "DATA_DIR", "REPLICA_NAME", "SECRETS_DIR"];

    public static IEnumerable<string> Faults(DeployedFiles files)
    {
        var compose = YamlText.Parse(files.Read("compose.yaml"));
        var services = compose["services"]!.AsObject().Select(static service => (Name: service.Key, Service: service.Value!.AsObject())).ToList();
        return
        [
            .. services.SelectMany(service => OfAny(service.Name, service.Service, compose, files)),
            .. services.Where(static service => DeployedFiles.IsOurs(ImageOf(service.Service))).SelectMany(service => OfOurs(service.Name, service.Service, files)),
            .. services.Where(static service => IsMiddleware(service.Service)).SelectMany(static service => OfMiddleware(service.Name, service.Service)),
            .. services.Where(static service => DeployedFiles.IsOurs(ImageOf(service.Service)) && DeployedFiles.ProgramOf(ImageOf(service.Service)) == "Console").SelectMany(static service => OfConsole(service.Name, service.Service)),
            .. OfExample(files, compose),
        ];
    }

    private static IEnumerable<string> OfAny(string name, JsonObject service, JsonNode compose, DeployedFiles files)
    {
        var given = Texts(service["secrets"]).ToHashSet();
        foreach (var file in Environment(service).Select(static variable => variable.Value).Where(static value => value?.StartsWith(Secrets, StringComparison.Ordinal) == true))
        {
            if (!given.Contains(file![Secrets.Length..]))
            {
                yield return $"{name}: the secret of {file} is not given to it";
            }
        }

        foreach (var secret in given.Where(secret => compose["secrets"]![secret] is null))
        {
            yield return $"{name}: there is no secret {secret}";
        }

        foreach (var path in Texts(service["volumes"]).Select(static volume => volume.Split(':')[0]).Where(static path => path.StartsWith('.')))
        {
            if (!DeployedFiles.Exists(path))
            {
                yield return $"{name}: {path} does not exist";
            }
        }
    }

    private static IEnumerable<string> OfOurs(string name, JsonObject service, DeployedFiles files)
    {
        foreach (var variable in Environment(service).Select(static variable => variable.Key).Where(static variable => !SettingNames.Exists(variable)))
        {
            yield return $"{name}: {variable} is no setting";
        }

        if (service["read_only"]?.GetValue<bool>() != true || !Texts(service["cap_drop"]).SequenceEqual(["ALL"]) || !Texts(service["security_opt"]).SequenceEqual(["no-new-privileges:true"]))
        {
            yield return $"{name}: it may do more than it needs";
        }

        var image = ImageOf(service);
        if (!Texts(service["healthcheck"]?["test"]).SequenceEqual(["CMD", $"/app/{DeployedFiles.ProgramOf(image)}", "--healthcheck"]))
        {
            yield return $"{name}: its health check is not that of its program";
        }

        foreach (var port in Texts(service["ports"]).Select(static port => port.Split(':')[^1]).Where(port => port != $"{files.PortOf(image)}"))
        {
            yield return $"{name}: its image does not listen on {port}";
        }
    }

    private static IEnumerable<string> OfMiddleware(string name, JsonObject service)
    {
        var environment = Environment(service).ToDictionary();
        foreach (var setting in Setting.All.Select(static setting => setting.Name).Where(setting => !NotPassed.Contains(setting) && !environment.ContainsKey(setting)))
        {
            yield return $"{name}: {setting} is not passed on";
        }

        var phases = 2 * DurationOf(Setting.ShutdownTimeout.Default);
        if (service["stop_grace_period"]?.ToString() is not { } grace || DurationOf(grace) < phases + TimeSpan.FromSeconds(5))
        {
            yield return $"{name}: it is killed before both phases of its stop have ended";
        }

        var volumes = Texts(service["volumes"]);
        if (!environment.ContainsKey("ConnectionStrings__events_FILE") && !volumes.Any(static volume => volume.EndsWith(":/home/app", StringComparison.Ordinal)))
        {
            yield return $"{name}: its store is on no volume";
        }
    }

    private static IEnumerable<string> OfConsole(string name, JsonObject service)
    {
        if (Environment(service).Any(static variable => variable.Key is "CONSOLE_KEY" or "CONSOLE_KEY_FILE"))
        {
            yield return $"{name}: everybody would act by CONSOLE_KEY";
        }

        if (!Texts(service["volumes"]).Any(static volume => volume.EndsWith(":/home/app", StringComparison.Ordinal)))
        {
            yield return $"{name}: the keys of its cookies are on no volume";
        }
    }

    /// <summary>The example has names and defaults as they are elsewhere.</summary>
    private static IEnumerable<string> OfExample(DeployedFiles files, JsonNode compose)
    {
        var inserted = Inserted().Matches(files.Read("compose.yaml")).ToLookup(static match => match.Groups[1].Value, static match => match.Groups[2].Value);
        var passed = compose["x-settings"]!.AsObject();
        foreach (var (name, value) in from Match line in Line().Matches(files.Read(".env.example")) select (line.Groups[1].Value, line.Groups[2].Value))
        {
            if (!inserted.Contains(name) && !(passed.ContainsKey(name) && SettingNames.Exists(name)))
            {
                yield return $".env.example: {name} is neither passed on nor used";
            }

            var setting = Setting.All.FirstOrDefault(setting => setting.Name == name);
            if (setting is { Default.Length: > 0 } ? value != setting.Default : setting is null && inserted.Contains(name) && !inserted[name].Contains(value))
            {
                yield return $".env.example: {name} has another default than {value}";
            }
        }
    }

    private static string ImageOf(JsonObject service) => service["image"]!.ToString();

    private static bool IsMiddleware(JsonObject service) => ImageOf(service).StartsWith("aspire-integration/middleware:", StringComparison.Ordinal);

    private static IEnumerable<KeyValuePair<string, string?>> Environment(JsonObject service) =>
        (service["environment"]?.AsObject() ?? []).Select(static variable => KeyValuePair.Create(variable.Key, variable.Value?.ToString()));

    /// <summary>A variable with its default: <c>${NAME:-default}</c> or <c>${NAME-default}</c>.</summary>
    [GeneratedRegex(@"\$\{([A-Z_]+):?-([^}]*)\}")]
    private static partial Regex Inserted();

    [GeneratedRegex("^(?:# )?([A-Z][A-Z_]+)=(.*)$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
