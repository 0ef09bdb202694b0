namespace Tests.Upgrades;

/// <summary>The judge of upgrades, given facts with one fault each. Stops are from 10 s to 11 s, and starts end at 12 s.</summary>
public sealed class UpgradeJudgeTests
{
    private static readonly UpgradeFacts Good = new()
    {
        Posted = [Posted("a", 9), Posted("b", 10.4), Posted("c", 12.5)],
        Failed = [Failed(10.5, PostFault.Refused), Failed(11, PostFault.Unavailable), Failed(10.1, PostFault.Broken)],
        Received = [Received("a", 9.8, 10.2), Received("b", 12.1, 12.2), Received("c", 12.6, 12.7)],
        Replacements = [new Replacement("one", Time(10), Time(11), Time(12))],
        LoadEnded = Time(13),
        ShutdownTimeout = Time(1),
    };

    [Fact]
    public void Nothing_is_found_in_an_upgrade_without_a_fault_and_its_gaps_are_measured()
    {
        var result = UpgradeJudge.Judge(Good);

        Assert.Empty(result.Violations);
        Assert.Equal((3, 0, 0), (result.Events, result.Lost, result.Duplicated));
        var one = Assert.Single(result.Replacements);
        Assert.Equal((1.0, 1.0), (one.Stop.TotalSeconds, one.Start.TotalSeconds));
        Assert.Equal((2.1, 2.0), (one.Accepting.TotalSeconds, one.Delivering.TotalSeconds));
        Assert.Equal((1, 1, 1), (one.Refused, one.Broken, one.Unavailable));
    }

    [Fact]
    public void An_event_that_no_receiver_has_is_lost()
    {
        var result = UpgradeJudge.Judge(Good with { Received = [.. Good.Received.Skip(1)] });

        Assert.Equal(1, result.Lost);
        Assert.Equal("lost: 1, such as a", Assert.Single(result.Violations));
    }

    [Fact]
    public void An_event_that_was_never_answered_with_success_is_lost() =>
        Assert.Equal(1, UpgradeJudge.Judge(Good with { Received = [Received("a", 9, 9.1) with { Status = 503 }, .. Good.Received.Skip(1)] }).Lost);

    [Theory]
    [InlineData(9.7, 9.9, false)]
    [InlineData(9.9, 10.1, true)]
    [InlineData(10.9, null, true)]
    [InlineData(11.1, 11.2, false)]
    public void A_repeat_is_due_to_a_stop_when_the_attempt_before_it_was_under_way_then(double began, double? ended, bool isDue)
    {
        var first = Received("b", began, ended ?? 0) with { Ended = ended is { } at ? Time(at) : null };
        var result = UpgradeJudge.Judge(Good with { Received = [first, .. Good.Received] });

        Assert.Equal(1, result.Duplicated);
        Assert.Equal(1, result.Replacements[0].Duplicated);
        Assert.Equal(isDue ? [] : ["repeated though no attempt was under way at a stop: 1, such as b"], result.Violations);
    }

    [Fact]
    public void Each_attempt_before_the_last_must_be_due_to_a_stop()
    {
        var result = UpgradeJudge.Judge(Good with { Received = [.. Good.Received, Received("a", 12.3, 12.4), Received("a", 12.5, 12.6)] });

        Assert.Equal(2, result.Duplicated);
        Assert.Single(result.Violations);
    }

    [Fact]
    public void An_event_of_which_no_sender_has_the_id_is_found() => Assert.Equal(
        "delivered though no sender has its id: 1, such as d", Assert.Single(UpgradeJudge.Judge(Good with { Received = [.. Good.Received, Received("d", 12, 12.1)] }).Violations));

    [Fact]
    public void One_id_for_several_keys_is_found() => Assert.Equal(
        "one id for several keys: 1, such as a", Assert.Single(UpgradeJudge.Judge(Good with { Posted = [.. Good.Posted, Posted("a", 12)] }).Violations));

    [Theory]
    [InlineData(9, PostFault.Refused)]
    [InlineData(12.5, PostFault.Broken)]
    [InlineData(12.5, PostFault.Unavailable)]
    [InlineData(11, PostFault.Other)]
    public void A_request_that_fails_while_the_service_is_there_or_with_another_answer_is_found(double at, object fault) => Assert.StartsWith(
        "a request failed while no stop or start was under way: 1, such as ", Assert.Single(UpgradeJudge.Judge(Good with { Failed = [Failed(at, (PostFault)fault)] }).Violations), StringComparison.Ordinal);

    [Theory]
    [InlineData(10.5, PostFault.Refused, true, true)]
    [InlineData(10.5, PostFault.Refused, false, false)]
    [InlineData(10.5, PostFault.Broken, false, false)]
    [InlineData(10.5, PostFault.Unavailable, false, false)]
    [InlineData(12.5, PostFault.Refused, true, false)]
    public void Beside_other_replicas_a_sender_sees_no_failure(double at, object fault, bool isHidden, bool isGood) => Assert.Equal(
        isGood, UpgradeJudge.Judge(Good with { IsRolling = true, Failed = [Failed(at, (PostFault)fault) with { IsHidden = isHidden }] }).Violations.Count == 0);

    [Theory]
    [InlineData(10.5, PostFault.Broken, true)]
    [InlineData(9.9, PostFault.Broken, false)]
    [InlineData(11.5, PostFault.Broken, false)]
    [InlineData(10.5, PostFault.Unavailable, false)]
    [InlineData(10.5, PostFault.Other, false)]
    public void Behind_a_proxy_that_breaks_connections_a_sender_sees_that_and_only_in_a_stop(double at, object fault, bool isGood) => Assert.Equal(
        isGood, UpgradeJudge.Judge(Good with { IsRolling = true, ProxyBreaks = true, Failed = [Failed(at, (PostFault)fault)] }).Violations.Count == 0);

    [Fact]
    public void A_stop_that_is_killed_late_or_that_writes_errors_is_found()
    {
        var result = UpgradeJudge.Judge(Good with { Replacements = [Good.Replacements[0] with { Terminated = Time(-2), ExitCode = 137, Errors = ["it hurts"] }] });

        Assert.Equal(["one ended with 137", "one took 13.0 s to stop", "one wrote errors: 1, such as it hurts"], result.Violations);
    }

    private static TimeSpan Time(double seconds) => TimeSpan.FromMilliseconds(Math.Round(seconds * 1000));

    private static PostedEvent Posted(string id, double at) => new(id, Time(at), Time(at));

    private static FailedPost Failed(double at, PostFault fault) => new(Time(at), Time(at), fault, IsHidden: false, "");

    private static RecordedRequest Received(string id, double began, double ended) => new("first", [id], Time(began)) { Ended = Time(ended), Status = 200 };
}
