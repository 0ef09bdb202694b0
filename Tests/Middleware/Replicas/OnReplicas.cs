namespace Tests.Middleware.Replicas;

/// <summary>Tests that have a group of replicas of their own each.</summary>
public abstract class OnReplicas : IAsyncLifetime
{
    private readonly int _count;
    private readonly (string Name, string Value)[] _settings;

    /// <summary>With so many replicas that have started before the test.</summary>
    private protected OnReplicas(int count = 0, params (string Name, string Value)[] settings) => (_count, _settings) = (count, settings);

    private protected ReplicaGroup Group { get; private set; } = null!;

    private protected MiddlewareService[] All { get; private set; } = [];

    private protected MiddlewareService One => All[0];

    private protected MiddlewareService Other => All[1];

    public virtual async ValueTask InitializeAsync()
    {
        Group = await ReplicaGroup.CreateAsync();
        while (All.Length < _count)
        {
            All = [.. All, await Group.StartAsync(_settings)];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Group.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
