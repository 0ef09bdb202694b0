using System.Buffers;
using System.Text;
using ServiceDefaults.Logging;

namespace Tests.ServiceDefaults;

public sealed class LineWriterTests : IDisposable
{
    private readonly Output _output = new();

    public void Dispose() => _output.Dispose();

    [Fact]
    public void Lines_are_written_in_their_order_until_the_end()
    {
        _output.Open.Set();
        var writer = New();
        foreach (var number in Enumerable.Range(0, 1_000))
        {
            Add(writer, $"{number}");
        }

        writer.Dispose();
        Add(writer, "too late");

        Assert.Equal(Enumerable.Range(0, 1_000).Select(static number => $"{number}"), _output.Lines);
        Assert.Equal(1, writer.Dropped);
    }

    [Fact]
    public async Task Beyond_1_MiB_that_nobody_reads_lines_are_dropped_and_noted_where_they_are_missing()
    {
        var writer = New();
        Add(writer, "under way");
        await Waiting.Until(() => _output.Writes == 1);
        var kilobyte = new string('x', 1023);

        foreach (var _ in Enumerable.Range(0, 1024 + 7))
        {
            Add(writer, kilobyte);
        }

        Assert.Equal(7, writer.Dropped);
        _output.Open.Set();
        await Waiting.Until(() => _output.Writes == 2);
        Add(writer, "flows again");
        writer.Dispose();

        Assert.Equal(["under way", .. Enumerable.Repeat(kilobyte, 1024), "7 dropped", "flows again"], _output.Lines);
        Assert.Equal(7, writer.Dropped);
    }

    [Fact]
    public async Task Lines_that_an_output_refuses_are_dropped_and_the_next_is_tried()
    {
        _output.Open.Set();
        _output.Fails = true;
        var writer = New();
        Add(writer, "lost");
        await Waiting.Until(() => writer.Dropped == 1);
        _output.Fails = false;

        Add(writer, "next");
        writer.Dispose();

        Assert.Equal(["next", "1 dropped"], _output.Lines);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_end_does_not_wait_for_who_does_not_read()
    {
        var writer = New();
        Add(writer, "line");
        await Waiting.Until(() => _output.Writes == 1);

        await Task.Run(writer.Dispose, Waiting.Cancellation);

        Assert.Empty(_output.Lines);
    }

    private static void Add(LineWriter writer, string line) => writer.Add(Encoding.UTF8.GetBytes(line + "\n"));

    private LineWriter New() => new(_output, static (lines, output) => output.Write(Encoding.UTF8.GetBytes($"{lines} dropped\n")));

    /// <summary>Takes nothing until it is open.</summary>
    private sealed class Output : MemoryStream
    {
        private int _writes;

        public ManualResetEventSlim Open { get; } = new();

        public bool Fails { get; set; }

        public int Writes => Volatile.Read(ref _writes);

        public string[] Lines => Encoding.UTF8.GetString(ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Interlocked.Increment(ref _writes);
            Open.Wait();
            if (Fails)
            {
                throw new IOException("No space left on device");
            }

            base.Write(buffer);
        }

        protected override void Dispose(bool disposing)
        {
            // What still waits ends with the test.
            Open.Set();
            base.Dispose(disposing);
        }
    }
}
