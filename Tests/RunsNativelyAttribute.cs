using System.Collections.Concurrent;
using System.Reflection;
using Xunit.v3;

namespace Tests;

/// <summary>
/// Marks tests that start a service in a process. <c>.ci/native</c> runs them on native services: <c>NATIVE_SERVICES</c> names a folder with
/// each service in a folder of its project's name. Each test must then have started one.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class RunsNativelyAttribute : BeforeAfterTestAttribute, ITraitAttribute
{
    private static readonly KeyValuePair<string, string> Trait = new("Runs", "natively");
    private static readonly ConcurrentDictionary<string, bool> Started = new();

    /// <summary>The folder of the native services, null where none are to run.</summary>
    internal static string? Services { get; } = Environment.GetEnvironmentVariable("NATIVE_SERVICES") is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [Trait];

    public override void After(MethodInfo methodUnderTest, IXunitTest test) => Assert.True(
        Services is null || Started.ContainsKey(test.UniqueID) || TestContext.Current.TestState?.Result is TestResult.Skipped or TestResult.Failed,
        "The test started no native service.");

    /// <summary>Notes that the current test starts a service, native if there are native ones.</summary>
    internal static void NoteStart()
    {
        if (TestContext.Current.Test is not { } test)
        {
            // Benchmarks start services too.
            return;
        }

        Assert.True(test.Traits.TryGetValue(Trait.Key, out var values) && values.Contains(Trait.Value), "A test that starts a service bears [RunsNatively].");
        Started[test.UniqueID] = true;
    }
}
