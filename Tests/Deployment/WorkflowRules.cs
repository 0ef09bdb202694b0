using System.Text.RegularExpressions;

namespace Tests.Deployment;

/// <summary>The rules for a workflow that no linter knows; each fault is a sentence.</summary>
internal static partial class WorkflowRules
{
    public static IEnumerable<string> Faults(string file, DeployedFiles files)
    {
        var workflow = YamlText.Parse(files.Read(file)).AsObject();
        return
        [
            .. workflow["permissions"] is JsonObject { Count: 1 } permissions && (string?)permissions["contents"] == "read" ? [] : (string[])["a job may do more than read where it asks for nothing"],
            .. workflow["jobs"]!.AsObject().SelectMany(static job => OfJob(job.Key, job.Value!.AsObject())),
        ];
    }

    private static IEnumerable<string> OfJob(string name, JsonObject job)
    {
        if ((string?)job["uses"] is { } called)
        {
            if (!DeployedFiles.Exists(called))
            {
                yield return $"{name}: there is no workflow {called}";
            }

            yield break;
        }

        if (job["runs-on"] is null || job["timeout-minutes"] is null)
        {
            yield return $"{name}: it has no machine or no bound";
        }

        foreach (var fault in job["steps"]!.AsArray().SelectMany(step => OfStep(name, step!.AsObject())))
        {
            yield return fault;
        }
    }

    private static IEnumerable<string> OfStep(string job, JsonObject step)
    {
        var (action, script) = ((string?)step["uses"], (string?)step["run"]);
        if (action is not null && !Pinned().IsMatch(action))
        {
            yield return $"{job}: {action} may be any version";
        }

        if (action?.StartsWith("actions/checkout@", StringComparison.Ordinal) == true && step["with"]?["persist-credentials"]?.GetValue<bool>() != false)
        {
            yield return $"{job}: its token stays in the clone";
        }

        foreach (var path in OwnScript().Matches(script ?? "").Select(static match => match.Value).Where(path => !DeployedFiles.Exists(path)))
        {
            yield return $"{job}: there is no {path}";
        }

        // Texts of others become part of the script.
        if (script is not null && Foreign().IsMatch(script))
        {
            yield return $"{job}: a script has a text of others in it";
        }
    }

    [GeneratedRegex(@"^[\w-]+/[\w./-]+@(v\d+(\.\d+)*|[0-9a-f]{40})$")]
    private static partial Regex Pinned();

    [GeneratedRegex(@"(?<=^|\s)(\.ci|eng|deploy)/[\w./-]+", RegexOptions.Multiline)]
    private static partial Regex OwnScript();

    [GeneratedRegex(@"\$\{\{\s*github\.(event|head_ref|actor)")]
    private static partial Regex Foreign();
}
