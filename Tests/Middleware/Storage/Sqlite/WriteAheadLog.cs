using System.Buffers.Binary;

namespace Tests.Middleware.Storage.Sqlite;

public sealed class WriteAheadLog : OnAStage
{
    private const int MostMegabytes = 1_000;

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task It_is_written_over_from_its_start_however_busy_the_writer_is()
    {
        await Stage.AcceptAsync();
        var first = RestartsOfLog();

        var written = 0;
        while (RestartsOfLog() == first && written < MostMegabytes)
        {
            await Stage.AcceptAsync(bytes: 1 << 20);
            written++;
        }

        Assert.InRange(written, 1, MostMegabytes - 1);
    }

    /// <summary>The checkpoint sequence number in the log's header: https://sqlite.org/fileformat2.html#the_write_ahead_log</summary>
    private uint RestartsOfLog()
    {
        using var log = File.OpenHandle(Stage.Database + "-wal", share: FileShare.ReadWrite);
        Span<byte> header = stackalloc byte[32];
        RandomAccess.Read(log, header, 0);
        return BinaryPrimitives.ReadUInt32BigEndian(header[12..]);
    }
}
