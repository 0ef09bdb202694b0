using System.Net.Sockets;
using Middleware.Events;

namespace Tests.Middleware.Sending;

/// <summary>The errors of tries below HTTP; those of TLS are in <see cref="WhyTlsFailed"/>.</summary>
public class WhatErrorsSay
{
    private const string Canary = "canary-of-the-receiver";
    private const string InvalidHttp = "the answer is not valid HTTP/1.1";

    private static readonly Dictionary<string, (string Said, Ending Ending)> Troubles = new()
    {
        ["ends"] = ("", Ending.Ends),
        ["ends in the status line"] = ("HTTP/1.1 2", Ending.Ends),
        ["ends in the headers"] = ("HTTP/1.1 200 OK\r\nX: ", Ending.Ends),
        ["cut"] = ("", Ending.Breaks),
        ["cut in the headers"] = ("HTTP/1.1 200 OK\r\nX: ", Ending.Breaks),
        ["no HTTP"] = ("SSH-2.0-x\r\n", Ending.Ends),
        ["a book"] = (new string('x', 4_000) + "\r\n", Ending.Ends),
        ["no header"] = ($"HTTP/1.1 200 OK\r\n{Canary}\r\n\r\n", Ending.Ends),
        ["no name of a header"] = ($"HTTP/1.1 200 OK\r\n: {Canary}\r\n\r\n", Ending.Ends),
        ["no version"] = ($"HTTP/{Canary} 200 OK\r\n\r\n", Ending.Ends),
        ["no status"] = ($"HTTP/1.1 {Canary} OK\r\n\r\n", Ending.Ends),
        ["a header that never ends"] = ("HTTP/1.1 200 OK\r\nX: " + new string('x', 70_000), Ending.Ends),
    };

    private readonly TestClock _clock = new();

    [Theory]
    [InlineData("nobody listens", FailureReason.ConnectionRefused, "Connection refused at 127.0.0.9 (receiver.example:{port})")]
    [InlineData("no name server", FailureReason.Dns, "no name server answered (receiver.example:{port})")]
    [InlineData("no such name", FailureReason.Dns, "Name or service not known (receiver.example:{port})")]
    [InlineData("no address", FailureReason.Dns, "Name or service not known (receiver.example:{port})")]
    [InlineData("ends", FailureReason.ConnectionReset, "the receiver ended the connection before its answer was complete")]
    [InlineData("ends in the status line", FailureReason.ConnectionReset, "the receiver ended the connection before its answer was complete")]
    [InlineData("ends in the headers", FailureReason.ConnectionReset, "the receiver ended the connection before its answer was complete")]
    [InlineData("cut", FailureReason.ConnectionReset, "Unable to read data from the transport connection: Connection reset by peer.")]
    [InlineData("cut in the headers", FailureReason.ConnectionReset, "Unable to read data from the transport connection: Connection reset by peer.")]
    [InlineData("no HTTP", FailureReason.Network, InvalidHttp)]
    [InlineData("a book", FailureReason.Network, InvalidHttp)]
    [InlineData("no header", FailureReason.Network, InvalidHttp)]
    [InlineData("no name of a header", FailureReason.Network, InvalidHttp)]
    [InlineData("no version", FailureReason.Network, InvalidHttp)]
    [InlineData("no status", FailureReason.Network, InvalidHttp)]
    [InlineData("a header that never ends", FailureReason.Network, "The HTTP response headers length exceeded the set limit of 65536 bytes.")]
    public async Task The_error_names_the_innermost_cause(string trouble, string reason, string error)
    {
        var (said, ending) = Troubles.GetValueOrDefault(trouble, ("", Ending.Ends));
        await using var receiver = new Receiver(Receiver.Play(said, ending));
        await using var sender = new Sender(_clock, (_, _) => trouble switch
        {
            "no name server" => throw new SocketException((int)SocketError.TryAgain),
            "no such name" => throw new SocketException((int)SocketError.HostNotFound),
            "no address" => Task.FromResult<IPAddress[]>([]),
            "nobody listens" => Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.9")]),
            _ => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
        });
        var port = receiver.Url.Port;

        var attempt = (await sender.Send(new Uri($"http://receiver.example:{port}/"), maxRetries: 0)).Last;

        Assert.Equal((reason, null), (attempt.Reason, attempt.StatusCode));
        Assert.StartsWith(error.Replace("{port}", port.ToString(null, null), StringComparison.Ordinal), attempt.Error, StringComparison.Ordinal);
        Assert.InRange(attempt.Error!.Length, 1, 503);

        // It may be the event itself, which errors must not show.
        Assert.DoesNotContain(Canary, attempt.Error, StringComparison.Ordinal);
        IsForPeople(attempt.Error);
    }

    [Theory]
    [InlineData("ep_1")]
    [InlineData("default")]
    public async Task A_name_longer_than_names_are_is_not_known(string endpoint)
    {
        await using var sender = new Sender(_clock);
        var name = string.Join('.', Enumerable.Repeat(new string('a', 60), 5));

        var attempt = (await sender.Send(Sender.Endpoint(new Uri($"http://{name}/"), maxRetries: 0) with { Id = new EndpointId(endpoint) })).Last;

        Assert.Equal((FailureReason.Dns, $"the name is longer than names of hosts are ({name}:80)"), (attempt.Reason, attempt.Error));
    }

    /// <summary>Holds of an error that it names neither a type nor a member of .NET, and no exception that is not there.</summary>
    internal static void IsForPeople(string? error)
    {
        Assert.NotNull(error);
        Assert.DoesNotMatch(@"\b(System\.|[A-Z][a-z]+[A-Z][a-z]+)", error);
        Assert.DoesNotContain("inner exception", error, StringComparison.OrdinalIgnoreCase);
    }
}
