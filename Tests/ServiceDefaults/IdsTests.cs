using ServiceDefaults;

namespace Tests.ServiceDefaults;

public class IdsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 30, 15, 123, TimeSpan.Zero);

    [Fact]
    public void An_id_is_a_UUID_of_version_7_with_the_time_in_milliseconds()
    {
        var id = Ids.Create(Now);

        Assert.Equal(7, id.Version);
        Assert.InRange(id.Variant, 8, 11);
        Assert.Equal(Now.ToUnixTimeMilliseconds().ToString("x12"), id.ToString("n")[..12]);
    }

    [Fact]
    public void Ids_of_one_moment_differ_on_every_thread()
    {
        var ids = Enumerable.Range(0, 10_000).AsParallel().WithDegreeOfParallelism(4).Select(_ => Ids.Create(Now)).ToList();

        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public void All_random_bits_are_used()
    {
        var (anySet, anyClear) = (UInt128.Zero, UInt128.Zero);
        for (var i = 0; i < 2_000; i++)
        {
            var bits = UInt128.Parse(Ids.Create(Now).ToString("n"), System.Globalization.NumberStyles.HexNumber);
            (anySet, anyClear) = (anySet | bits, anyClear | ~bits);
        }

        var varying = anySet & anyClear;
        Assert.Equal(74, (int)UInt128.PopCount(varying));
    }
}
