using Middleware.Storage.Sql;

namespace Tests.Middleware.Storage;

/// <summary>The writer of a store that stands in a change: what is handed in until it goes on is one group.</summary>
internal sealed class HeldWriter : IDisposable
{
    private readonly ManualResetEventSlim _goesOn = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<bool> _change;

    private HeldWriter(SqlEventStore store) => _change = store.ChangeAsync(_ =>
    {
        _begun.TrySetResult();
        return _goesOn.Wait(Waiting.TestLimit);
    });

    public static async Task<HeldWriter> OfAsync(SqlEventStore store)
    {
        var held = new HeldWriter(store);
        await held._begun.Task.InTime();
        return held;
    }

    public void GoOn() => _goesOn.Set();

    /// <summary>Waits until the change is committed.</summary>
    public async Task EndAsync() => Assert.True(await _change.InTime());

    public void Dispose()
    {
        _goesOn.Set();
        _goesOn.Dispose();
    }
}
