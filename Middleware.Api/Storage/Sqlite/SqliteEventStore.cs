using System.Collections.Immutable;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Storage.Sqlite;

/// <summary>Keeps events in one SQLite file, flushed to the disk before they count as accepted.</summary>
internal sealed class SqliteEventStore(StoreSettings settings, ILogger<SqliteEventStore> logger) : IEventStore, IDisposable
{
    private readonly EndpointRows _endpoints = new();
    private StoreFile? _file;
    private GroupWriter? _writer;
    private PendingReader? _reader;

    public bool IsDurable => true;

    public Task OpenAsync(IDeliverySink sink, CancellationToken cancellationToken)
    {
        _file = StoreFile.Open(settings.DataFolder);
        var connection = _file.OpenWriter();
        SchemaMigration.Run(connection);
        _endpoints.Rebuild(connection.Handle!);
        _reader = new PendingReader(_file, _endpoints);
        _writer = new GroupWriter(_file, connection, _endpoints, sink, logger);
        return Task.CompletedTask;
    }

    public ValueTask<AcceptOutcome> AcceptAsync(
        IntegrationEvent accepted, ImmutableArray<WebhookEndpoint> endpoints, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var item = new AcceptItem(accepted, endpoints);
        Opened(_writer).Add(item);
        return new ValueTask<AcceptOutcome>(item.Task);
    }

    public ValueTask<IReadOnlyList<Delivery>> ReadPendingAsync(
        EndpointId endpoint, Priority priority, long afterSequence, int limit, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<Delivery>>(Opened(_reader).Read(endpoint, priority, afterSequence, limit));

    public void Record(Delivery delivery, DeliveryOutcome outcome) => Opened(_writer).Add(new OutcomeItem(delivery, outcome));

    public int Waiting(EndpointId endpoint) => _endpoints.Find(endpoint)?.Waiting ?? 0;

    public void Dispose()
    {
        _writer?.Dispose();
        _reader?.Dispose();
        _file?.Dispose();
    }

    private static T Opened<T>(T? part)
        where T : class => part ?? throw new InvalidOperationException("The store is not open.");
}
