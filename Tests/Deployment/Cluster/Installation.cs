using k8s.Models;

namespace Tests.Deployment.Cluster;

/// <summary>The objects that a folder with a <c>kustomization.yaml</c> stands for, with its patches left out, and the settings in its config map.</summary>
internal sealed record Installation(IReadOnlyList<object> Objects, IReadOnlyDictionary<string, string> Settings)
{
    public const string Folder = "deploy/kubernetes";

    /// <summary>The folders that are applied.</summary>
    public static readonly string[] All = ["base", "overlays/postgres", "overlays/trial"];

    /// <summary>All pods, by the object that makes them.</summary>
    public IEnumerable<(string Name, V1LabelSelector Selector, V1PodTemplateSpec Template, IEnumerable<string> Claims)> Pods =>
    [
        .. Objects.OfType<V1StatefulSet>().Select(static set =>
            (set.Metadata.Name, set.Spec.Selector, set.Spec.Template, (set.Spec.VolumeClaimTemplates ?? []).Select(static claim => claim.Metadata.Name))),
        .. Objects.OfType<V1Deployment>().Select(static deployment => (deployment.Metadata.Name, deployment.Spec.Selector, deployment.Spec.Template, Enumerable.Empty<string>())),
    ];

    /// <summary>The kinds and names, but for config maps, whose names bear a hash.</summary>
    public IEnumerable<string> Names => Objects.OfType<k8s.IKubernetesObject<V1ObjectMeta>>()
        .Where(static one => one is not V1ConfigMap).Select(static one => $"{one.Kind} {one.Metadata.Name}").Order(StringComparer.Ordinal);

    /// <summary>Reads the files of a folder.</summary>
    public static Installation Read(string folder, DeployedFiles files)
    {
        var (objects, settings) = (new List<object>(), new Dictionary<string, string>());
        Add($"{Folder}/{folder}", files, objects, settings);
        return new(objects, settings);
    }

    /// <summary>Reads what <c>kubectl kustomize</c> has made.</summary>
    public static Installation Rendered(string text)
    {
        var objects = YamlText.ParseAll(text).Select(TypedObjects.Read).ToList();
        return new(objects, objects.OfType<V1ConfigMap>().SelectMany(static map => map.Data).ToDictionary());
    }

    private static void Add(string folder, DeployedFiles files, List<object> objects, Dictionary<string, string> settings)
    {
        var kustomization = YamlText.Parse(files.Read($"{folder}/kustomization.yaml"));
        foreach (var resource in YamlText.Texts(kustomization["resources"]).Concat(YamlText.Texts(kustomization["components"])))
        {
            var path = Path.GetRelativePath(".", Path.Combine(folder, resource)).Replace('\\', '/');
            if (path.EndsWith(".yaml", StringComparison.Ordinal))
            {
                objects.Add(TypedObjects.Read(YamlText.Parse(files.Read(path))));
            }
            else
            {
                Add(path, files, objects, settings);
            }
        }

        foreach (var map in kustomization["configMapGenerator"]?.AsArray() ?? [])
        {
            var lines = YamlText.Texts(map!["envs"]).SelectMany(file => files.Read($"{folder}/{file}").Split('\n')).Concat(YamlText.Texts(map["literals"]));
            foreach (var pair in lines.Where(static line => line.Length > 0 && line[0] != '#').Select(static line => line.Split('=', 2)))
            {
                settings[pair[0]] = pair[1];
            }
        }

        foreach (var gone in Texts(kustomization["patches"], "patch").Where(static patch => patch.Contains("$patch: delete", StringComparison.Ordinal)).Select(YamlText.Parse))
        {
            objects.RemoveAll(one => one is k8s.IKubernetesObject<V1ObjectMeta> made && made.Kind == (string?)gone["kind"] && made.Metadata.Name == (string?)gone["metadata"]!["name"]);
        }
    }

    private static IEnumerable<string> Texts(JsonNode? list, string member) => (list?.AsArray() ?? []).Select(one => one![member]!.ToString());
}
