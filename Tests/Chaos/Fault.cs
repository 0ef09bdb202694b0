namespace Tests.Chaos;

/// <summary>The kinds of faults.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL, and a start.</summary>
    Kill,

    /// <summary>SIGSTOP and SIGCONT, sooner than the lanes move.</summary>
    Stop3,

    /// <summary>The same, longer than that.</summary>
    Stop12,

    /// <summary>The same, for a minute.</summary>
    Stop60,

    /// <summary>SIGSTOP while half of a message is on its way to the server.</summary>
    StopInMessage,

    /// <summary>SIGTERM, and a start.</summary>
    Terminate,

    /// <summary>SIGTERM and a start of each replica in turn.</summary>
    Rolling,

    /// <summary>The replicas go from all to one, to all, to one less, and back.</summary>
    Scale,

    /// <summary>The number of an endpoint's shards changes, through a replica that lives, and again before all have heard of it.</summary>
    Reshard,

    /// <summary>The server ends all sessions and starts again.</summary>
    ServerRestart,

    /// <summary>The server's processes end at once; it recovers from its log.</summary>
    ServerCrash,

    /// <summary>One session of a replica is ended.</summary>
    SessionEnded,

    /// <summary>Nothing passes between a replica and the server for less time than the lanes need to move.</summary>
    ShortStall,

    /// <summary>The same, for longer.</summary>
    Stall,

    /// <summary>All connections of a replica are reset.</summary>
    Cut,

    /// <summary>The server commits, and its reply is lost.</summary>
    CommitReplyDropped,

    /// <summary>A snapshot and locks on all tables are held, as by <c>pg_dump</c>.</summary>
    Dump,

    /// <summary>The server ends, and its standby takes its place with all that was committed.</summary>
    FailOver,

    /// <summary>The same with a standby that has not got the last commits: these are lost, and nothing else.</summary>
    FailOverWithLag,
}

/// <summary>A fault that was made. Its times are those of the receivers' clock.</summary>
internal sealed class Fault(FaultKind kind, string victim, TimeSpan began)
{
    public FaultKind Kind => kind;

    public string Victim => victim;

    /// <summary>The time from which on something may be lost or be done again by it.</summary>
    public TimeSpan Began { get; set; } = began;

    /// <summary>The last time at which it ended or stopped something: what is begun later is not touched by it.</summary>
    public TimeSpan Struck { get; set; } = began;

    /// <summary>The time at which all was well again; the greatest one while it is not.</summary>
    public TimeSpan Healed { get; set; } = TimeSpan.MaxValue;

    /// <summary>True when not one delivery may be repeated by it: work is handed over in order.</summary>
    public bool IsOrderly => Kind is FaultKind.Terminate or FaultKind.Rolling or FaultKind.Scale or FaultKind.Dump or FaultKind.Reshard;

    public override string ToString() => FormattableString.Invariant($"{Kind} of {Victim} at {Began.TotalSeconds:0.0}-{Healed.TotalSeconds:0.0} s");
}
