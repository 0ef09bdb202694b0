using ServiceDefaults.Connections;

namespace Tests.ServiceDefaults;

public class ConnectionLimitTests
{
    [Theory]
    [InlineData(512L, 316, 384L << 20, 98)]
    [InlineData(400L, 316, 384L << 20, 64)]
    [InlineData(65_536L, 336, 32L << 30, 32_600)]
    [InlineData(65_536L, 336, 8L << 30, 16_384)]
    [InlineData(1_048_576L, 336, 384L << 20, 768)]
    [InlineData(null, 0, 384L << 20, 768)]
    public void Half_of_the_files_that_are_left_are_for_connections_if_the_memory_bears_them(long? limit, int open, long available, int most) =>
        Assert.Equal(most, ConnectionLimit.MostOf(limit, open, available));

    [Fact]
    public void The_limit_and_the_number_of_open_files_are_known()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux shows both elsewhere too.");
        var shown = File.ReadLines("/proc/self/limits").Single(static line => line.StartsWith("Max open files", StringComparison.Ordinal));
        var soft = shown.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];

        Assert.Equal(soft == "unlimited" ? null : long.Parse(soft, null), OpenFiles.Limit);
        using var one = File.OpenRead("/dev/null");
        Assert.InRange(OpenFiles.Count, 4, OpenFiles.Limit ?? long.MaxValue);
    }
}
