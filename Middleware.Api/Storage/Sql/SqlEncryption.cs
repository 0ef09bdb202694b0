using Middleware.Storage.AtRest;

namespace Middleware.Storage.Sql;

/// <summary>
/// Renews the data key, and encrypts payloads, response bodies and kept answers of before <c>ENCRYPT_PAYLOADS</c>. Deliveries do not wait for it: each
/// row shows whether it is encrypted. It reads and encrypts beside the writer, which replaces a bounded part in each of its transactions. Used by one
/// loop.
/// </summary>
internal sealed partial class SqlEncryption(SqlEventStore store, StoreSettings settings, TimeProvider clock, ILogger<SqlEncryption> logger) : IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ReadConnection _reads = new(store.OpenReader);
    private (string Route, string Key) _answers = ("", "");
    private long? _last;
    private long _through;
    private long _encrypted;
    private bool _isDone;

    public async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        if (store.Keys is not { } keys)
        {
            return;
        }

        if (keys.IsSpent(clock.GetUtcNow()))
        {
            keys.Add(await store.ChangeAsync(transaction => DataKeyRows.Add(transaction.Connection, settings.Encryption.Master!, transaction.Now)));
        }

        while (!_isDone && !cancellationToken.IsCancellationRequested)
        {
            await StepAsync(keys);
        }
    }

    public void Dispose() => _reads.Dispose();

    private async Task StepAsync(DataKeys keys)
    {
        if (_last is not { } last)
        {
            _last = _reads.Read(PlainRows.LastEvent);
            _through = keys.SealsPayloads ? _reads.Read(PlainRows.Through) ?? -1 : -1;
            _isDone = !keys.SealsPayloads || _through >= _last;
            return;
        }

        var page = _reads.Read(connection => _through < 0 ? PlainRows.Answers(connection, _answers) : PlainRows.Events(connection, _through, last));
        var isEnd = page.IsEnd;
        var changes = page.Seal(keys);
        var through = _through < 0 ? (isEnd ? 0 : -1) : page.Through;
        _encrypted += await store.ChangeAsync(transaction => PlainRows.Replace(transaction, changes, through));
        (_answers, _through) = (page.ThroughAnswer, through);
        if (isEnd && _through >= last)
        {
            _isDone = true;
            store.RemoveCopies();
            if (_encrypted > 0)
            {
                Encrypted(_encrypted);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "the rows of before ENCRYPT_PAYLOADS are encrypted")]
    private partial void Encrypted(long rows);
}
