using System.Reflection;

namespace Aspire.Hosting.Testing;

/// <summary>One run of an AppHost's entry point on a thread of its own, held where it builds the application and where it runs it.</summary>
internal sealed class EntryPointRun(Assembly assembly, string[] args)
{
    private static readonly AsyncLocal<EntryPointRun?> OfThisFlow = new();

    private readonly TaskCompletionSource<DistributedApplicationBuilder> _building = New<DistributedApplicationBuilder>();
    private readonly TaskCompletionSource<bool> _mayBuild = New<bool>();
    private readonly TaskCompletionSource<DistributedApplication> _built = New<DistributedApplication>();
    private readonly TaskCompletionSource<bool> _released = New<bool>();

    /// <summary>The run that the caller is part of: several AppHosts may run in one process at once.</summary>
    public static EntryPointRun? Current => OfThisFlow.Value;

    public Assembly Assembly => assembly;

    public Task<DistributedApplicationBuilder> StartAsync(CancellationToken cancellationToken)
    {
        var entryPoint = assembly.EntryPoint
            ?? throw new InvalidOperationException($"{assembly.GetName().Name} has no entry point.");
        new Thread(() => Run(entryPoint)) { IsBackground = true, Name = $"{assembly.GetName().Name} entry point" }.Start();
        return _building.Task.WaitAsync(cancellationToken);
    }

    public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        _mayBuild.TrySetResult(true);
        return _built.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Called on the entry point's thread; the test changes the builder meanwhile.</summary>
    public void Building(DistributedApplicationBuilder builder)
    {
        _building.TrySetResult(builder);
        if (!_mayBuild.Task.GetAwaiter().GetResult())
        {
            throw new OperationCanceledException("The test disposed of the builder without building the application.");
        }
    }

    public void Built(DistributedApplication application) => _built.TrySetResult(application);

    /// <summary>Keeps the entry point from returning while the test uses the application.</summary>
    public Task HoldAsync(CancellationToken cancellationToken) => _released.Task.WaitAsync(cancellationToken);

    public void Release()
    {
        _mayBuild.TrySetResult(false);
        _released.TrySetResult(true);
    }

    private static TaskCompletionSource<T> New<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Run(MethodInfo entryPoint)
    {
        OfThisFlow.Value = this;
        Exception end;
        try
        {
            entryPoint.Invoke(null, BindingFlags.DoNotWrapExceptions, null, entryPoint.GetParameters().Length == 0 ? [] : [args], null);
            end = new InvalidOperationException("The entry point returned without building a distributed application.");
        }
        catch (Exception failure)
        {
            end = failure;
        }

        // Whoever waits gets the reason; when the application has been handed over, nobody does.
        _building.TrySetException(end);
        _built.TrySetException(end);
    }
}
