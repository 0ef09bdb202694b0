namespace Tests.Chaos;

/// <summary>The seed, the length and the replicas of a run: the same give the same faults in the same order.</summary>
internal sealed record ChaosPlan(int Seed, TimeSpan Length, int Replicas)
{
    /// <summary>The shortest length in which a stop of a minute is among the faults.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    /// <summary>The service's setting <c>ADOPT_AFTER</c>.</summary>
    public TimeSpan AdoptAfter { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>The time that an adoption may take beyond <see cref="AdoptAfter"/>, or beyond a kill.</summary>
    public TimeSpan Margin { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The time to the first delivery after the server is back.</summary>
    public static TimeSpan FirstDelivery { get; } = TimeSpan.FromSeconds(3);

    /// <summary>The time in which a replica that is asked to stop ends its attempts, hands over its lanes and ends.</summary>
    public static TimeSpan Ending { get; } = ChaosEndpoint.Timeout + TimeSpan.FromSeconds(3);

    /// <summary>The events that are posted to each replica in a second.</summary>
    public int Rate { get; init; } = 40;

    /// <summary>The time by which the clock of each replica is ahead, or behind; all are right in every third run.</summary>
    public IReadOnlyList<TimeSpan> ClocksAhead => [.. Enumerable.Range(Seed, Replicas).Select(number => TimeSpan.FromMinutes(Seed % 3 == 0 || !ShiftedClock.IsThere ? 0 : ((number % 3) - 1) * 10))];

    /// <summary>The kinds of faults, of which each is dealt once before the first comes again.</summary>
    public IReadOnlyList<FaultKind> Faults => [.. Enum.GetValues<FaultKind>().Where(kind => kind != FaultKind.Stop60 || Length >= Long)];
}
