namespace Tests.Upgrades;

/// <summary>The way of events to a service.</summary>
internal interface IEventProxy : IAsyncDisposable
{
    /// <summary>The requests of which it has seen that they failed, and no sender has.</summary>
    IReadOnlyCollection<FailedPost> Hidden { get; }

    /// <summary>Posts an event under its key.</summary>
    Task<HttpResponseMessage> PostAsync(string body, string key);

    /// <summary>Waits until it sends requests to a replica.</summary>
    Task UntilReadyAsync(ReplaceableService replica);
}
