using System.Globalization;
using CsCheck;

namespace Tests.Middleware.Sending;

/// <summary>A receiver's bytes in answer to a request, HTTP or not, whole or cut at any byte; each character is a byte.</summary>
internal sealed record PlayedAnswer
{
    private static readonly Gen<string> Junk = Gen.String[Gen.Char['\0', 'ÿ'], 0, 40];
    private static readonly Gen<string> Word = Gen.String[Gen.Char['!', '~'].Where(static letter => letter is not (':' or ',')), 1, 20];

    private static readonly Gen<string> Moment = Gen.OneOf(
        Gen.OneOf(
            "0", "1", "-1", "3600", "1767225600", "2147483647", "2147483648", "99999999999999999999", "1.5", "1e9", "", "soon", "120, 240", "Fri, 31 Dec 9999 23:59:59 GMT",
            "Mon, 01 Jan 0001 00:00:00 GMT", "Sun, 01 Mar 2026 12:00:01 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Fri, 31 Dec 9999"),
        Gen.Long.Select(static seconds => seconds.ToString(CultureInfo.InvariantCulture)),
        Word);

    private static readonly Gen<string> LegalHeader = Gen.OneOf(
        Moment.Select(static moment => $"Retry-After: {moment}"),
        Gen.Select(Gen.OneOf("X-A", "x-b", "Date", "Content-Type", "Content-Encoding", "Location", "Set-Cookie", "Server", "Keep-Alive", "WWW-Authenticate"), Word, static (name, value) => $"{name}: {value}"),
        Gen.OneOf("Connection: close", "Connection: keep-alive", "Connection: upgrade", "Upgrade: h2c", "Keep-Alive: timeout=0", "Keep-Alive: timeout=99999999999", "Content-Encoding: gzip", "X:", "Trailer: X-A"));

    private static readonly Gen<string> AnyHeader = Gen.Frequency(
        (20, LegalHeader),
        (1, Junk),
        (1, Gen.OneOf("no colon", ": no name", " folded", "X : y", "X\0: y", "X: \0", "X: \r y", "Transfer-Encoding: gzip", "Content-Length: -1", "Content-Length: 1, 2", "Content-Length: 99999999999999999999")),
        (1, Gen.Const("X: " + new string('x', 70_000))));

    private static readonly Gen<string> Body = Gen.OneOf(Junk, Gen.Int[0, 10_000].Select(static length => new string('b', length)));

    private static readonly Gen<string> Interim = Gen.Select(Gen.OneOf(100, 102, 103, 199), LegalHeader, static (status, header) => $"HTTP/1.1 {status} Interim\r\n{header}\r\n\r\n");

    private static readonly Gen<int> AnyStatus = Gen.OneOf(Gen.Int[200, 999], Gen.OneOf(200, 204, 304, 400, 401, 408, 410, 413, 417, 429, 500, 503));

    private static readonly Gen<TimeSpan> AnyDelay = Gen.Frequency(
        (5, Gen.Const(TimeSpan.Zero)),
        (1, Gen.OneOf(0.4, 1.5, 2.9, 3, 3.1, 10, 3_600).Select(static seconds => TimeSpan.FromSeconds(seconds))));

    public required string Said { get; init; }

    public required Ending Ending { get; init; }

    /// <summary>The time before it.</summary>
    public required TimeSpan Delay { get; init; }

    /// <summary>The status that must be seen; null for an answer that is not whole, or not HTTP.</summary>
    public int? Status { get; init; }

    /// <summary>Answers as receivers give them, and answers of which a part is wrong or missing.</summary>
    public static readonly Gen<PlayedAnswer> Any = Gen.Frequency((3, Whole()), (4, Broken()), (4, Cut(Whole())), (1, Cut(Broken())));

    public override string ToString() =>
        $"{Delay}, {Ending}, {Status}: {string.Concat((Said.Length > 400 ? Said[..400] + "..." : Said).Select(static letter => letter is >= ' ' and <= '~' ? $"{letter}" : $"\\x{(int)letter:x2}"))}";

    private static Gen<PlayedAnswer> Whole() => Gen.Select(Interim.Array[0, 2], AnyStatus, LegalHeader.Array[0, 4], Body, Gen.Int[0, 2], AnyDelay, Gen.Bool, static (interims, status, headers, body, framing, delay, ends) =>
    {
        var content = status is 204 or 304 ? "" : body;
        var (header, framed) = framing switch
        {
            0 when status is not (204 or 304) => ("Transfer-Encoding: chunked", Chunked(content) + "0\r\n\r\n"),
            1 when ends => ("X: until the end", content),
            _ => ($"Content-Length: {content.Length}", content),
        };
        return new PlayedAnswer
        {
            Said = $"{string.Concat(interims)}HTTP/1.1 {status} Some Reason\r\n{string.Concat(headers.Append(header).Select(static line => line + "\r\n"))}\r\n{framed}",
            Ending = ends ? Ending.Ends : Ending.GoesOn,
            Delay = delay,
            Status = delay < TimeSpan.FromSeconds(3) ? status : null,
        };
    });

    private static Gen<PlayedAnswer> Broken()
    {
        var statusLine = Gen.OneOf(
            Gen.Int[100, 999].Select(static status => $"HTTP/1.1 {status}"),
            Gen.Select(Gen.OneOf("HTTP/1.0", "HTTP/1.1", "HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "http/1.1", "ICY"), Gen.OneOf("200", "404", "20", "2000", "abc", "-1", "099", "000", ""), static (version, status) => $"{version} {status} X"),
            Junk,
            Gen.Const(new string('x', 70_000)));
        var framing = Gen.OneOf(
            Gen.Select(Body, Gen.Int[-20, 20], static (body, off) => $"Content-Length: {Math.Max(0, body.Length + off)}\r\n\r\n{body}"),
            Gen.Select(Body, Gen.OneOf("zz\r\n", "FFFFFFFFFFFFFFFFF\r\n", "-1\r\n", "7FFFFFFFFFFFFFFF\r\n", "5", "\r\n", "0\r\n", "0\r\nX: y\r\n", ";\r\n"), static (body, end) => $"Transfer-Encoding: chunked\r\n\r\n{Chunked(body)}{end}"),
            Body.Select(static body => $"Content-Length: 5\r\nContent-Length: 6\r\n\r\n{body}"),
            Body.Select(static body => $"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n{Chunked(body)}0\r\n\r\n"),
            Body.Select(static body => $"\r\n{body}"));
        var end = Gen.OneOf(Ending.GoesOn, Ending.Ends, Ending.Breaks);
        return Gen.Select(Interim.Array[0, 2], statusLine, AnyHeader.Array[0, 4], framing, AnyDelay, end, static (interims, first, headers, rest, delay, end) => new PlayedAnswer
        {
            Said = $"{string.Concat(interims)}{first}\r\n{string.Concat(headers.Select(static header => header + "\r\n"))}{rest}",
            Ending = end,
            Delay = delay,
        });
    }

    private static Gen<PlayedAnswer> Cut(Gen<PlayedAnswer> answers) => Gen.Select(answers, Gen.Double.Unit, Gen.OneOf(Ending.GoesOn, Ending.Ends, Ending.Breaks), static (answer, where, end) =>
        answer with { Said = answer.Said[..(int)(where * answer.Said.Length)], Ending = end, Status = null });

    private static string Chunked(string body) => string.Concat(body.Chunk(4_000).Select(static chunk => $"{chunk.Length:x}\r\n{new string(chunk)}\r\n"));
}
