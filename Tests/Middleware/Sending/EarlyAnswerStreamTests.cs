using System.Text;
using System.Threading.Tasks.Sources;
using Middleware.Sending;

namespace Tests.Middleware.Sending;

public class EarlyAnswerStreamTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_that_comes_as_a_write_begins_is_whole_though_the_connection_breaks(bool isSeenLate)
    {
        const string head = "HTTP/1.1 413 Content Too Large\r\n";
        var rest = "X: " + new string('x', 200);
        var connection = new BrokenBy(head + rest, isSeenLate);
        await using var stream = new EarlyAnswerStream(connection);
        var buffer = new byte[(head + rest).Length];
        var reading = stream.ReadAsync(buffer, Waiting.Cancellation);

        await stream.WriteAsync("POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n"u8.ToArray(), Waiting.Cancellation);
        var read = await reading;
        var answer = Encoding.ASCII.GetString(buffer, 0, read);
        read = await stream.ReadAsync(buffer, Waiting.Cancellation);

        Assert.Equal(head + "Connection: close\r\n" + rest, answer + Encoding.ASCII.GetString(buffer, 0, read));
        await Assert.ThrowsAsync<IOException>(() => stream.ReadAsync(buffer, Waiting.Cancellation).AsTask());
    }

    /// <summary>A connection on which a write has the answer read, and all that follows fails.</summary>
    private sealed class BrokenBy(string answer, bool isSeenLate) : MemoryStream
    {
        private TaskCompletionSource? _asked;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_asked is not null)
            {
                throw new IOException("Connection reset by peer");
            }

            // What waits for it goes on in the write.
            _asked = new TaskCompletionSource();
            await _asked.Task;
            return Encoding.ASCII.GetBytes(answer, buffer.Span);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _asked!.SetResult();
            return isSeenLate ? new ValueTask(new SeenLate(), token: 0) : ValueTask.FromException(new IOException("Broken pipe"));
        }
    }

    /// <summary>Succeeds until it is awaited, as a write of a socket does that fails before anyone awaits it.</summary>
    private sealed class SeenLate : IValueTaskSource
    {
        public ValueTaskSourceStatus GetStatus(short token) => ValueTaskSourceStatus.Succeeded;

        public void GetResult(short token) => throw new IOException("Broken pipe");

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => throw new NotSupportedException();
    }
}
