using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Tests.Deployment;

/// <summary>The rules for a workflow that no linter knows; each fault is a sentence.</summary>
internal static partial class WorkflowRules
{
    private static readonly HashSet<string> Members = ["name", "on", "permissions", "concurrency", "jobs", "env", "defaults"];

    private static readonly HashSet<string> OfJobs =
        ["uses", "needs", "runs-on", "timeout-minutes", "container", "permissions", "strategy", "steps", "env", "if", "with", "secrets", "outputs", "services", "defaults"];

    private static readonly HashSet<string> OfSteps = ["name", "id", "uses", "with", "run", "shell", "env", "if", "working-directory", "continue-on-error", "timeout-minutes"];

    public static IEnumerable<string> Faults(string file, DeployedFiles files)
    {
        var workflow = YamlText.Parse(files.Read(file)).AsObject();
        var jobs = workflow["jobs"]!.AsObject();
        return
        [
            .. Unknown(workflow, Members, "the workflow"),
            .. workflow["permissions"] is JsonObject { Count: 1 } permissions && (string?)permissions["contents"] == "read" ? [] : (string[])["a job may do more than read where it asks for nothing"],
            .. jobs.SelectMany(job => OfJob(job.Key, job.Value!.AsObject(), jobs, files)),
        ];
    }

    private static IEnumerable<string> OfJob(string name, JsonObject job, JsonObject jobs, DeployedFiles files)
    {
        foreach (var fault in Unknown(job, OfJobs, name))
        {
            yield return fault;
        }

        foreach (var needed in Texts(job["needs"]).Where(needed => !jobs.ContainsKey(needed)))
        {
            yield return $"{name}: there is no job {needed}";
        }

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

        foreach (var step in job["steps"]!.AsArray().Select(static step => step!.AsObject()))
        {
            foreach (var fault in Unknown(step, OfSteps, name).Concat(OfStep(name, step, files)))
            {
                yield return fault;
            }
        }
    }

    private static IEnumerable<string> OfStep(string job, JsonObject step, DeployedFiles files)
    {
        var (action, script) = ((string?)step["uses"], (string?)step["run"]);
        if ((action is null) == (script is null))
        {
            yield return $"{job}: a step uses an action or runs a script";
        }

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

    private static IEnumerable<string> Unknown(JsonObject map, HashSet<string> known, string place) =>
        map.Select(static member => member.Key).Where(member => !known.Contains(member)).Select(member => $"{place}: {member} is unknown");

    private static IEnumerable<string> Texts(JsonNode? node) => node is JsonArray list ? list.Select(static text => text!.ToString()) : node is null ? [] : [node.ToString()];

    [GeneratedRegex(@"^[\w-]+/[\w./-]+@(v\d+(\.\d+)*|[0-9a-f]{40})$")]
    private static partial Regex Pinned();

    [GeneratedRegex(@"(?<=^|\s)(\.ci|eng|deploy)/[\w./-]+", RegexOptions.Multiline)]
    private static partial Regex OwnScript();

    [GeneratedRegex(@"\$\{\{\s*github\.(event|head_ref|actor)")]
    private static partial Regex Foreign();
}
