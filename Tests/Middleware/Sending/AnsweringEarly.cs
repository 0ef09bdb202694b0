using System.Globalization;
using System.Security.Authentication;
using System.Text;
using Middleware.Events;
using Middleware.Sending;

namespace Tests.Middleware.Sending;

/// <summary>Receivers that answer before they have read what is sent, as those do that refuse it for its size or its sender.</summary>
public sealed class AnsweringEarly() : OnASender(new TestClock())
{
    private const int Read = 1_000;
    private const string TooLarge = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 9\r\n\r\ntoo large";

    private static readonly string Large = $$"""{"message":"{{new string('x', 8_000_000)}}"}""";

    public static MatrixTheoryData<string, Ending, bool> Answers => new(
        [
            TooLarge,
            "HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + TooLarge,
            "HTTP/1.0 413 Content Too Large\r\nContent-Length: 9\r\n\r\ntoo large",
            "HTTP/1.1 413\r\nX: " + new string('x', 5_000) + "\r\nContent-Length: 9\r\n\r\ntoo large",
        ],
        [Ending.Ends, Ending.Breaks, Ending.Hangs],
        [false, true]);

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task The_answer_is_seen_whatever_becomes_of_the_connection(string answer, Ending ending, bool isUsedBefore)
    {
        await using var receiver = new Receiver(
            [.. isUsedBefore ? [Receiver.Answer(200)] : Array.Empty<Func<System.Net.Sockets.Socket, CancellationToken, Task<bool>>>(), Receiver.Play(answer, ending), Receiver.Answer(200)])
        {
            MaxBody = Read,
        };
        var endpoint = Sender.Endpoint(receiver.Url, maxRetries: 0);
        if (isUsedBefore)
        {
            Assert.True((await Sender.Send(endpoint)).IsDelivered);
        }

        var attempt = Assert.Single((await Sender.Send(endpoint, Made.Event(payload: Large))).Attempts);

        Assert.Equal(("http_413", 413), (attempt.Reason, attempt.StatusCode));
        Assert.Equal("too large", Encoding.UTF8.GetString(attempt.Response.Span));

        // What was not sent of the one must not be taken for the next.
        Assert.True((await Sender.Send(endpoint)).IsDelivered);
        Assert.Equal(2, receiver.Connections);
    }

    [Theory]
    [InlineData(302, "redirect")]
    [InlineData(400, "http_400")]
    [InlineData(401, "http_401")]
    [InlineData(417, "http_417")]
    [InlineData(503, "http_503")]
    [InlineData(999, "http_999")]
    public async Task Any_answer_but_a_success_ends_the_sending(int status, string reason)
    {
        await using var receiver = new Receiver(Receiver.Play($"HTTP/1.1 {status} \r\nContent-Length: 0\r\n\r\n", Ending.Hangs)) { MaxBody = Read };

        Assert.Equal(reason, (await Sender.Send(receiver.Url, maxRetries: 0, Made.Event(payload: Large))).Last.Reason);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "")]
    [InlineData("HTTP/1.1 103 Early Hints\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData("HTTP/1.1 2", "00 OK\r\nContent-Length: 0\r\n\r\n")]
    public async Task A_success_that_comes_early_is_one_when_all_is_sent(string early, string late)
    {
        var read = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var receiver = Receiver.Serving(async (connection, stop) =>
        {
            var length = await ReadHead(connection, stop);
            await connection.WriteAsync(Encoding.ASCII.GetBytes(early), stop);
            await connection.ReadExactlyAsync(new byte[length], stop);
            await connection.WriteAsync(Encoding.ASCII.GetBytes(late), stop);
            read.SetResult(length);
        });

        Assert.True((await Sender.Send(new Uri($"http://127.0.0.1:{receiver.Port}/"), maxRetries: 0, Made.Event(payload: Large))).IsDelivered);
        Assert.Equal(Large.Length, await read.Task.InTime());
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 413 Content Too Large")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    public async Task A_receiver_that_reads_no_more_and_gives_no_answer_is_given_up_in_time(string said)
    {
        await using var receiver = new Receiver(Receiver.Play(said, Ending.Hangs)) { MaxBody = Read };

        var sending = Sender.Send(receiver.Url, maxRetries: 0, Made.Event(payload: Large));
        await receiver.Received(1);
        Clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(FailureReason.Timeout, (await sending).Last.Reason);
    }

    [Theory]
    [InlineData(Ending.Ends)]
    [InlineData(Ending.Breaks)]
    public async Task A_receiver_that_cuts_the_body_off_without_an_answer_is_a_broken_connection(Ending ending)
    {
        await using var receiver = new Receiver(Receiver.Play("", ending)) { MaxBody = Read };

        var attempt = (await Sender.Send(receiver.Url, maxRetries: 0, Made.Event(payload: Large))).Last;

        Assert.Equal(FailureReason.ConnectionReset, attempt.Reason);
        WhatErrorsSay.IsForPeople(attempt.Error);
    }

    [Theory]
    [InlineData("/reads", 413)]
    [InlineData("/refuses", 401)]
    public async Task Kestrel_that_has_a_limit_is_seen_to_refuse(string path, int status)
    {
        await using var receiver = await WebReceiver.StartAsync(
            static async context =>
            {
                if (context.Request.Path == "/reads")
                {
                    await context.Request.Body.CopyToAsync(Stream.Null);
                }
                else
                {
                    context.Response.StatusCode = 401;
                }
            },
            static kestrel => kestrel.Limits.MaxRequestBodySize = Read);
        var endpoint = Sender.Endpoint(receiver.At(path), maxRetries: 0);

        for (var time = 0; time < 5; time++)
        {
            Assert.Equal(status, (await Sender.Send(endpoint, Made.Event(payload: Large))).Last.StatusCode);
        }
    }

    [Theory]
    [InlineData(Ending.Ends)]
    [InlineData(Ending.Hangs)]
    public async Task It_is_seen_through_TLS(Ending ending)
    {
        using var certificate = MadeCertificate.Server();
        await using var receiver = Receiver.Serving(MadeCertificate.Speak(certificate, SslProtocols.None, async (secure, stop) =>
        {
            await ReadHead(secure, stop);
            await secure.WriteAsync(Encoding.ASCII.GetBytes(TooLarge), stop);
            if (ending == Ending.Hangs)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
            }
        }));
        using var client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => certificate.Equals(shown) },
            PlaintextStreamFilter = static (context, _) => ValueTask.FromResult<Stream>(new EarlyAnswerStream(context.PlaintextStream)),
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, $"https://127.0.0.1:{receiver.Port}/") { Content = new StringContent(Large) };

        using var response = await client.SendAsync(request, Waiting.Cancellation).InTime();

        Assert.Equal((413, "too large"), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Waiting.Cancellation)));
    }

    private static async Task<long> ReadHead(Stream connection, CancellationToken stop)
    {
        var head = "";
        var next = new byte[1];
        while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await connection.ReadExactlyAsync(next, stop);
            head += (char)next[0];
        }

        return long.Parse(head.Split("Content-Length: ")[1].Split('\r')[0], CultureInfo.InvariantCulture);
    }
}
