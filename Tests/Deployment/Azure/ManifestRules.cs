namespace Tests.Deployment.Azure;

/// <summary>The rules for the manifest; each fault is a sentence.</summary>
internal static class ManifestRules
{
    /// <summary>The variables of the middleware that are secrets.</summary>
    public static readonly string[] Secrets = ["ADMIN_KEY", "MASTER_KEY", "ConnectionStrings__events"];

    // Variables of Aspire, of ASP.NET Core and of service discovery.
    private static readonly HashSet<string> Others =
        ["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "HTTP_PORTS", "EXTERNAL_ALERTS_HTTP", "services__external-alerts__http__0"];

    public static IEnumerable<string> Faults(JsonNode manifest)
    {
        var resources = manifest["resources"]!.AsObject().Select(static resource => (Name: resource.Key, Resource: resource.Value!.AsObject())).ToList();
        return
        [
            .. Texts(manifest["resources"]!, "").SelectMany(text => OfReferences(text.Path, text.Text, manifest)),
            .. PublishedManifest.Secrets.Values.Where(secret => manifest.ToJsonString().Contains(secret, StringComparison.Ordinal)).Select(static secret => $"the value {secret} stands in it"),
            .. resources.SelectMany(static resource => OfKind(resource.Name, resource.Resource)),
            .. Secrets.SelectMany(variable => OfSecret(variable, (string?)manifest["resources"]!["middleware"]!["env"]![variable], manifest)),
            .. OfReach(resources),
            .. resources.Where(static resource => resource.Resource["env"]?.AsObject().ContainsKey("CONSOLE_KEY") == true).Select(static resource => $"{resource.Name}: everybody would act by CONSOLE_KEY"),
        ];
    }

    private static IEnumerable<string> OfReferences(string path, string text, JsonNode manifest)
    {
        FormatException? fault = null;
        try
        {
            new ManifestReferences(manifest, static _ => "given", static (_, _, _) => "address").Resolve(text);
        }
        catch (FormatException found)
        {
            fault = found;
        }

        return fault is null ? [] : [$"{path}: {fault.Message}"];
    }

    /// <summary>Each is of a kind that <c>azd</c> knows, has settings that its program knows, and ports that an ingress takes.</summary>
    private static IEnumerable<string> OfKind(string name, JsonObject resource)
    {
        var kind = (string?)resource["type"];
        if (kind is not ("project.v0" or "parameter.v0"))
        {
            yield return $"{name}: {kind} is no kind of a resource";
        }

        foreach (var variable in (resource["env"]?.AsObject() ?? []).Select(static variable => variable.Key).Where(static variable => !Others.Contains(variable) && !SettingNames.Exists(variable)))
        {
            yield return $"{name}: {variable} is no setting";
        }

        foreach (var (binding, port) in (resource["bindings"]?.AsObject() ?? []).Select(static binding => (binding.Key, binding.Value!["port"])).Where(static binding => binding.Item2 is not null))
        {
            yield return $"{name}: the ingress does not take the port {port} of {binding}";
        }
    }

    /// <summary>A secret is a parameter that is asked for, and nothing else.</summary>
    private static IEnumerable<string> OfSecret(string variable, string? text, JsonNode manifest)
    {
        var parameter = text?.Trim('{', '}').Split('.')[0];
        var value = parameter is null ? null : manifest["resources"]![parameter]?["inputs"]?["value"];
        if (text != $"{{{parameter}.value}}" && text != $"{{{parameter}.connectionString}}")
        {
            yield return $"middleware: {variable} is no parameter";
        }
        else if (value?["secret"]?.GetValue<bool>() != true || value["default"] is not null)
        {
            yield return $"{parameter}: it is a secret, and is asked for";
        }
    }

    /// <summary>The middleware and the console alone are reached from outside, at one port each.</summary>
    private static IEnumerable<string> OfReach(IEnumerable<(string Name, JsonObject Resource)> resources)
    {
        var external = from resource in resources
                       from binding in resource.Resource["bindings"]?.AsObject() ?? []
                       where binding.Value!["external"]?.GetValue<bool>() == true
                       select $"{resource.Name} {binding.Key}";
        return external.SequenceEqual(["middleware http", "console http"]) ? [] : [$"reached from outside: {string.Join(", ", external)}"];
    }

    private static IEnumerable<(string Path, string Text)> Texts(JsonNode? node, string path) => node switch
    {
        JsonObject members => members.SelectMany(member => Texts(member.Value, path.Length == 0 ? member.Key : $"{path}.{member.Key}")),
        JsonArray items => items.SelectMany(item => Texts(item, path)),
        JsonValue value when value.TryGetValue<string>(out var text) => [(path, text)],
        _ => [],
    };
}
