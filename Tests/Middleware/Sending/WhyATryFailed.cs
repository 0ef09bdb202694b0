using System.Net.Sockets;
using System.Text;
using CsCheck;
using Middleware.Events;
using Middleware.Sending;

namespace Tests.Middleware.Sending;

public sealed class WhyATryFailed : OnASender
{
    [Fact]
    public async Task Nobody_listens()
    {
        // Bound and not listening: nobody else can take the port meanwhile.
        using var bound = new Socket(SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        await FailsWith("connection_refused", new Uri($"http://127.0.0.1:{((IPEndPoint)bound.LocalEndPoint!).Port}/"));
    }

    [Theory]
    [InlineData(Ending.Ends)]
    [InlineData(Ending.Breaks)]
    public async Task The_connection_is_ended_or_broken_without_an_answer(Ending ending)
    {
        await using var receiver = new Receiver(Receiver.Play("", ending));

        await FailsWith("connection_reset", receiver.Url);

        Assert.Equal(4, receiver.Requests.Count);
    }

    [Fact]
    public Task The_name_is_not_known() => FailsWith("dns", new Uri("http://no-such-receiver.invalid/"));

    [Fact]
    public async Task The_receiver_does_not_speak_TLS()
    {
        await using var receiver = Receiver.Serving(static async (connection, stop) =>
        {
            await connection.ReadExactlyAsync(new byte[1], stop);
            await connection.WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), stop);
        });

        await FailsWith("tls", new Uri($"https://127.0.0.1:{receiver.Port}/"));
    }

    [Theory]
    [InlineData(200, null)]
    [InlineData(400, "http_400")]
    [InlineData(302, "redirect")]
    public async Task Of_an_answer_without_an_end_4_KiB_are_kept(int status, string? reason)
    {
        await using var receiver = new Receiver(Receiver.Endless(status));

        var outcome = await Sender.Send(receiver.Url);

        var attempt = Assert.Single(outcome.Attempts);
        Assert.Equal((status, reason), (attempt.StatusCode, attempt.Reason));
        Assert.Equal(new string('x', 4_096), Encoding.UTF8.GetString(attempt.Response.Span));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4_096)]
    [InlineData(4_097)]
    public async Task Of_any_answer_the_first_4_KiB_are_kept(int length)
    {
        await using var receiver = new Receiver(Receiver.Answer(500, new string('y', length)));

        var outcome = await Sender.Send(receiver.Url, maxRetries: 0);

        Assert.Equal(Math.Min(length, 4_096), outcome.Last.Response.Length);
    }

    [Fact]
    public async Task A_stop_during_a_try_is_no_failure()
    {
        await using var receiver = new Receiver(Receiver.Hang);
        using var stop = new CancellationTokenSource();

        var sending = Sender.Send(receiver.Url, cancellation: stop.Token);
        await receiver.Received(1);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task A_stop_during_a_pause_is_no_failure()
    {
        var clock = new TestClock();
        await using var receiver = new Receiver(Receiver.Answer(503));
        await using var sender = new Sender(clock);
        using var stop = new CancellationTokenSource();

        var sending = sender.Send(receiver.Url, cancellation: stop.Token);
        await clock.WaitBegun(TimeSpan.FromMilliseconds(500));
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public void Every_socket_error_has_a_reason() => Gen.Enum<SocketError>().Sample(error =>
    {
        var reason = FailureClassifier.Classify(new HttpRequestException("failed", new IOException("inner", new SocketException((int)error))))!.Value.Reason;

        Assert.Contains(
            reason,
            new[] { FailureReason.Timeout, FailureReason.ConnectionRefused, FailureReason.ConnectionReset, FailureReason.Dns, FailureReason.Network });
    });

    private async Task FailsWith(string reason, Uri url)
    {
        var outcome = await Sender.Send(url);

        Assert.Equal([reason, reason, reason, reason], outcome.Attempts.Select(attempt => attempt.Reason));
        Assert.All(outcome.Attempts, attempt => Assert.Null(attempt.StatusCode));
        Assert.All(outcome.Attempts, attempt => Assert.False(string.IsNullOrWhiteSpace(attempt.Error)));
    }
}
