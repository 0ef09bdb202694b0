using ExternalAlerts;

namespace Tests.ExternalAlerts;

public class SeenIdsTests
{
    [Fact]
    public void An_id_is_new_once()
    {
        var ids = new SeenIds(10);

        Assert.True(ids.Add(SeenIds.KeyOf("a")));
        Assert.False(ids.Add(SeenIds.KeyOf("a")));
        Assert.True(ids.Add(SeenIds.KeyOf("A")));
    }

    [Fact]
    public void The_last_so_many_are_remembered_and_no_more_than_twice_that()
    {
        var ids = new SeenIds(3);
        foreach (var id in "abcdef")
        {
            Assert.True(ids.Add(SeenIds.KeyOf($"{id}")));
        }

        Assert.All("def", id => Assert.False(ids.Add(SeenIds.KeyOf($"{id}"))));
        Assert.True(ids.Add(SeenIds.KeyOf("a")));
    }

    [Fact]
    public void An_id_of_the_platform_is_its_own_key() =>
        Assert.Equal(new Guid("0190c6a1-e2b0-7c4d-8f00-112233445566"), SeenIds.KeyOf("0190c6a1e2b07c4d8f00112233445566"));
}
