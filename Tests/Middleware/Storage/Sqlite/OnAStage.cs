namespace Tests.Middleware.Storage.Sqlite;

/// <summary>Tests that have an open store with lanes and workers of their own each.</summary>
public abstract class OnAStage : IAsyncLifetime
{
    private protected OnAStage(StoreStage? stage = null) => Stage = stage ?? new StoreStage();

    private protected StoreStage Stage { get; }

    public virtual async ValueTask InitializeAsync() => await Stage.OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await Stage.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
