using Middleware.Filtering.Cesql;

namespace Tests.Middleware.Filtering.Cesql;

public class CountingSteps
{
    private const int Small = 50_000;

    // What an expression may cost for each character of the text: pieces of 4,000 characters take 63 words of 64 bits.
    private const int MostOfCharacter = 70;

    private static readonly string A40 = new('a', 40);
    private static readonly string A4000 = new('a', 4_000);

    /// <summary>Expressions made to cost more than a text that is all the letter a is worth.</summary>
    public static TheoryData<string> Hostile => [.. new[]
    {
        $"text LIKE '%{A40}b%'",
        $"text LIKE '%_{A4000}b%'",
        $"text LIKE '%a_{A40}b%'",
        $"text LIKE '%a_{A4000}b%'",
        $"text NOT LIKE '%{string.Concat(Enumerable.Repeat("a_", 2_000))}b%'",
        $"text LIKE '{string.Concat(Enumerable.Repeat("%a_", 1_000))}b'",
        $"text LIKE '{string.Concat(Enumerable.Repeat("%_", 2_000))}b%'",
        $"text LIKE '%{new string('_', 4_000)}b%'",
        $"text IN ({string.Join(',', Enumerable.Repeat("LOWER(text)", 20))})",
        $"text IN ({string.Join(',', Enumerable.Repeat("CONCAT(text,'a')", 20))})",
        "UPPER(LOWER(TRIM(text))) = text",
        "LEFT(RIGHT(SUBSTRING(text, -30000, 20000), 10000), 5000) = text",
        "CONCAT_WS(text, 1, 2, 3, 4, 5, 6, 7, 8) = text",
        $"CONCAT_WS(LEFT(text, 400), {string.Join(',', Enumerable.Repeat("1", 1_900))}) = text",
        "CONCAT(CONCAT(text, text), CONCAT(text, text)) = CONCAT(CONCAT(text, text), CONCAT(text, text))",
        "LENGTH(text) = 1 OR IS_INT(text) OR IS_BOOL(text) OR text = text",
        "INT(text) = 1",
        "text > 7",
        "text OR TRUE",
        $"{string.Concat(Enumerable.Repeat("text = text AND ", 200))}TRUE",
    }];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Twice_the_text_costs_at_most_twice_the_steps(string expression)
    {
        var (once, twice) = (Steps(expression, Small), Steps(expression, 2 * Small));

        Assert.InRange(twice, once, (2 * once) + 100);
        Assert.InRange(once, 1, MostOfCharacter * Small);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void It_needs_the_steps_that_it_costs_and_no_more(string expression)
    {
        var full = Event(Small).Evaluate(expression, long.MaxValue);

        Assert.Equal(full.Result, Event(Small).Evaluate(expression, full.Steps).Result);
        Assert.All([full.Steps - 1, full.Steps / 2, full.Steps / 10, 10_000, 100, 1, 0], most =>
        {
            if (most < full.Steps)
            {
                var result = Event(Small).Evaluate(expression, most).Result;
                Assert.Equal((CesqlFaultKind.TooCostly, false), (result.Fault?.Kind, result.IsMatch));
            }
        });
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void What_is_too_costly_is_not_done(string expression)
    {
        var attributes = Event(Small);
        attributes.Evaluate(expression, 30_000);
        var parsed = CesqlExpression.Parse(expression).Expression!;
        var budget = new StepBudget(30_000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        parsed.Evaluate(attributes, ref budget);

        // A step makes a character of two bytes at most; with room for the list of a call and for the fault.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (2 * 30_000) + 100_000);
    }

    [Fact]
    public void A_row_of_comparisons_of_names_costs_as_little_as_its_words()
    {
        var attributes = new CesqlEvent { ["type"] = new("server_down"), ["region"] = new("eu-central-1") };

        Assert.InRange(attributes.Evaluate("type IN ('server_up','server_down') AND region LIKE 'eu-%'", long.MaxValue).Steps, 1, 100);
    }

    private static long Steps(string expression, int length) => Event(length).Evaluate(expression, long.MaxValue).Steps;

    private static CesqlEvent Event(int length) => new() { ["text"] = new(new string('a', length)) };
}
