namespace Tests.Deployment;

/// <summary>The files of <c>deploy/observability</c>.</summary>
internal static class Observability
{
    /// <summary>The alerts: their names, expressions and where their runbooks are.</summary>
    public static IReadOnlyList<(string Name, string Expression, string Runbook)> Alerts =>
    [
        .. from rule in Yaml("alerts.yml")["groups"]!.AsArray().SelectMany(static rules => rules!["rules"]!.AsArray())
           select ((string)rule["alert"]!, (string)rule["expr"]!, (string)rule["annotations"]!["runbook_url"]!),
    ];

    /// <summary>The expectations in the tests of the rules: the alert, and true when it fires.</summary>
    public static IReadOnlyList<(string Alert, bool Fires)> RuleTests =>
    [
        .. from expected in Yaml("alerts.tests.yml")["tests"]!.AsArray().SelectMany(static test => test!["alert_rule_test"]!.AsArray())
           select ((string)expected["alertname"]!, expected["exp_alerts"]!.AsArray().Count > 0),
    ];

    /// <summary>All expressions of the dashboard, those that list the values of its variables included.</summary>
    public static IReadOnlyList<string> DashboardExpressions
    {
        get
        {
            var dashboard = JsonNode.Parse(Read("dashboard.json"))!;
            var panels = dashboard["panels"]!.AsArray().Where(static panel => panel!["targets"] is not null);
            var variables = dashboard["templating"]!["list"]!.AsArray().Where(static variable => (string?)variable!["type"] == "query");
            return
            [
                .. panels.SelectMany(static panel => panel!["targets"]!.AsArray()).Select(static target => (string)target!["expr"]!),
                .. variables.Select(static variable => ((string)variable!["definition"]!).Replace("label_values(", "", StringComparison.Ordinal).Split(',')[0]),
            ];
        }
    }

    public static string Read(string file)
    {
        using var reader = new StreamReader(typeof(Observability).Assembly.GetManifestResourceStream(file)!);
        return reader.ReadToEnd();
    }

    private static JsonNode Yaml(string file) => YamlText.Parse(Read(file));
}
