using Middleware.Events;
using Middleware.Filtering;
using Middleware.Filtering.Cesql;

namespace Tests.Middleware.Filtering;

public class EndpointFilterTests
{
    private const string PatternWanted = "must not be blank; expected a name such as server_down, or a pattern such as server_*";

    private static readonly IntegrationEvent Billed = Made.Event(Priority.High) with { Source = "billing", EventType = "invoice_paid" };

    [Fact]
    public void An_empty_filter_takes_everything()
    {
        Assert.Same(EventFilter.Everything, Filter.Of());
        Assert.Same(EventFilter.Everything, Filter.Of(eventTypes: [], sources: []));
        Assert.True(Matches(EventFilter.Everything));
        Assert.Equal(new FilterVerdict(new FilterParts(true, true, true, true), null), Judge(EventFilter.Everything));
    }

    [Theory]
    [InlineData("invoice_paid", true)]
    [InlineData("order_*|invoice_*", true)]
    [InlineData("order_*|Invoice_*", false)]
    public void One_of_the_event_types_is_met(string patterns, bool matches) =>
        Judged(Filter.Of(eventTypes: patterns.Split('|')), new FilterVerdict(new FilterParts(matches, true, true, true), null));

    [Theory]
    [InlineData("*", true)]
    [InlineData("shop|bill*", true)]
    [InlineData("shop|bill", false)]
    public void One_of_the_sources_is_met(string patterns, bool matches) =>
        Judged(Filter.Of(sources: patterns.Split('|')), new FilterVerdict(new FilterParts(true, matches, true, true), null));

    [Theory]
    [InlineData("low", true)]
    [InlineData("medium", true)]
    [InlineData("High", true)]
    [InlineData("critical", false)]
    public void The_priority_is_at_least_this(string least, bool matches) =>
        Judged(Filter.Of(minPriority: least), new FilterVerdict(new FilterParts(true, true, matches, true), null));

    [Theory]
    [InlineData("type = 'invoice_paid'", true)]
    [InlineData("type LIKE 'order%'", false)]
    [InlineData("EXISTS region", false)]
    public void The_expression_is_true(string expression, bool matches) =>
        Judged(Filter.Of(expression: expression), new FilterVerdict(new FilterParts(true, true, true, matches), null));

    [Theory]
    [InlineData("region = 'eu'", "missing_attribute", 0, "the event has no attribute region")]
    [InlineData("1 / 0 = 1", "math", 2, null)]
    [InlineData("INT(type) = 1", "cast", 0, null)]
    [InlineData("1 + 1", "generic", 0, "the expression gives an integer, not true or false")]
    [InlineData("type", "generic", 0, "the expression gives a string, not true or false")]
    public void What_gives_neither_true_nor_false_is_no_match_and_told(string expression, string kind, int position, string? reason)
    {
        var filter = Filter.Of(expression: expression);

        var verdict = Judge(filter);

        Assert.False(Matches(filter));
        Assert.False(verdict.Parts.Expression);
        Assert.Equal((kind, position), (verdict.Error?.Kind.Name(), verdict.Error?.Position));
        Assert.Equal(reason ?? verdict.Error?.Reason, verdict.Error?.Reason);
    }

    [Fact]
    public void All_parts_must_hold()
    {
        Judged(Filter.Of(["invoice_*"], ["billing"], "high", "source = 'billing'"), new FilterVerdict(new FilterParts(true, true, true, true), null));
        Judged(Filter.Of(["x"], ["y"], "critical", "FALSE"), new FilterVerdict(new FilterParts(false, false, false, false), null));
    }

    [Fact]
    public void Filters_are_equal_by_what_they_were_read_from()
    {
        var filter = Filter.Of(["a*", "b"], ["c"], "high", "type = 'a'");

        Assert.Equal(filter, Filter.Of(["a*", "b"], ["c"], "HIGH", "type = 'a'"));
        Assert.Equal(filter.GetHashCode(), Filter.Of(["a*", "b"], ["c"], "HIGH", "type = 'a'").GetHashCode());
        Assert.NotEqual(filter, Filter.Of(["b", "a*"], ["c"], "high", "type = 'a'"));
        Assert.NotEqual(filter, Filter.Of(["a*", "b"], ["d"], "high", "type = 'a'"));
        Assert.NotEqual(filter, Filter.Of(["a*", "b"], ["c"], "low", "type = 'a'"));
        Assert.NotEqual(filter, Filter.Of(["a*", "b"], ["c"], "high", "type='a'"));
        Assert.Equal(["a*", "b"], filter.EventTypes.Texts);
        Assert.Equal(["c"], filter.Sources.Texts);
    }

    [Fact]
    public void All_faults_are_named_at_once() => Assert.Equal(
        [
            ("filter.expression", "at character 6: expected a value, but the expression ends"),
            ("filter.event_types[1]", PatternWanted),
            ("filter.event_types[2]", "must have at most 256 characters, has 257"),
            ("filter.sources[0]", PatternWanted),
            ("filter.min_priority", "\"urgent\" is not a known value; expected one of critical, high, medium, low"),
        ],
        Faults(["a", " ", new string('a', 257)], [null], "urgent", "type ="));

    [Theory]
    [InlineData("", "at character 0: expected a value, but the expression ends")]
    [InlineData("nosuch(1)", "at character 0: there is no function nosuch")]
    [InlineData("event_type = 'a'", "at character 0: event_type cannot be the name of an attribute: they have only letters and digits")]
    public void An_expression_that_is_none_is_told_where_and_why(string expression, string fault) =>
        Assert.Equal([("filter.expression", fault)], Faults(expression: expression));

    [Theory]
    [InlineData("background")]
    [InlineData("2")]
    [InlineData("")]
    public void A_priority_that_no_event_has_is_refused(string name) =>
        Assert.Equal([("filter.min_priority", $"\"{name}\" is not a known value; expected one of critical, high, medium, low")], Faults(minPriority: name));

    [Fact]
    public void Patterns_are_bounded()
    {
        Filter.Of(eventTypes: [.. Enumerable.Repeat(new string('*', 256), 50)]);

        Assert.Equal(
            [("filter.sources", "has 51 patterns; expected at most 50 of at most 256 characters")], Faults(sources: [.. Enumerable.Repeat("", 51)]));
    }

    private static void Judged(EventFilter filter, FilterVerdict verdict)
    {
        Assert.Equal(verdict, Judge(filter));
        Assert.Equal(verdict.Matches, Matches(filter));
    }

    private static FilterVerdict Judge(EventFilter filter) => filter.Judge(Billed);

    private static bool Matches(EventFilter filter)
    {
        var budget = new StepBudget(FilterBudget.OfEach);
        return filter.Matches(new FilteredEvent(Billed), ref budget);
    }

    private static IEnumerable<(string, string)> Faults(
        string?[]? eventTypes = null, string?[]? sources = null, string? minPriority = null, string? expression = null)
    {
        Assert.False(EventFilter.TryCreate(eventTypes, sources, minPriority, expression, out var none, out var faults));
        Assert.Null(none);
        return faults.Select(fault => (fault.Field, fault.Fault));
    }
}
