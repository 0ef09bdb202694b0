namespace AspireIntegration.Client.Publishing;

/// <summary>The attempts of the publisher. Their pauses double up to a longest one and vary by chance; a <c>Retry-After</c> that is longer holds.</summary>
public sealed class PublishRetrySettings
{
    internal static readonly TimeSpan LongestLimit = TimeSpan.FromDays(1);

    /// <summary>
    /// The time after which a call makes no further attempt, 0s to 1d; 1m by default. A pause that would end later is not begun. The buffer has no
    /// such limit.
    /// </summary>
    public TimeSpan Limit { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest first pause, 1ms to 1m; 200ms by default.</summary>
    public TimeSpan BaseDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest pause that is not asked for by the service, 1ms to 1h; 30s by default.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The time limit of one attempt, 1ms to 10m; 30s by default.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(30);

    internal IEnumerable<string> Faults(string at)
    {
        var millisecond = TimeSpan.FromMilliseconds(1);
        return
        [
            .. SettingFault.OutOf($"{at}:{nameof(Limit)}", Limit, TimeSpan.Zero, LongestLimit),
            .. SettingFault.OutOf($"{at}:{nameof(BaseDelay)}", BaseDelay, millisecond, TimeSpan.FromMinutes(1)),
            .. SettingFault.OutOf($"{at}:{nameof(MaxDelay)}", MaxDelay, millisecond, TimeSpan.FromHours(1)),
            .. SettingFault.OutOf($"{at}:{nameof(AttemptTimeout)}", AttemptTimeout, millisecond, TimeSpan.FromMinutes(10)),
        ];
    }
}
