using System.Text;
using Tests.Middleware.Http.Contract.Fuzz;

namespace Tests.Middleware.Callers.Mutated;

/// <summary>Makes bytes of a request that a server must refuse, or understand as every other server does.</summary>
internal sealed class ByteMutations(Random random)
{
    private const string Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private const string Settings = "\0\0\0\x04\0\0\0\0\0";

    private static readonly string[] Methods = ["get", "OPTIONS", "HEAD", "TRACE", "CONNECT", "PRI", "QUERY", "PROPFIND", "G\0ET", "", "GET GET", new('A', 9_000)];
    private static readonly string[] Versions = ["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9.9", "http/1.1", "HTTP/1.1 ", "HTTP/1.1\r", "X", ""];
    private static readonly string[] Lengths = ["-1", "0", "1", "+5", "0x5", "5, 5", "5, 6", " 5 ", "5x", "99999999999999999999", "9223372036854775807", "300000000", ""];
    private static readonly string[] Sizes = ["FFFFFFFFFFFFFFFFF", "FFFFFFFF", "7FFFFFFF", "-1", "0x5", "5;a=b", "5;" + new string('a', 9_000), " 5", "5 ", "", "zz", "1", "00000005", "5\n"];

    private static readonly string[] Hosts =
        ["", "evil.example", "localhost, localhost", "local host", "[::1", "user@localhost", "localhost:99999", "\xff", "localhost/x", new('h', 9_000)];

    private static readonly (string Name, string Value)[] Oddities =
    [
        ("Expect", "100-continue"), ("Expect", "200-ok"), ("Connection", "Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"),
        ("Upgrade", "websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13"),
        ("X-HTTP-Method-Override", "DELETE"), ("X-Original-URL", "/alive"), ("X-Rewrite-URL", "/alive"), ("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "https"), ("X-Forwarded-Prefix", "/alive"), ("Forwarded", "for=127.0.0.1"), ("Origin", "http://evil.example"), ("Sec-Fetch-Site", "cross-site"),
        ("Content-Encoding", "gzip"), ("Content-Encoding", "deflate, gzip, br, br"), ("Content-Encoding", "x"), ("Content-Type", "application/json; charset=utf-16"),
        ("Content-Type", "application/json; charset=\"\\"), ("Content-Type", ";"), ("Range", "bytes=0-0,-1"), ("If-Match", "\"" + new string('x', 9_000) + "\""), ("If-Match", ",,,"),
        ("If-None-Match", "*"), ("Idempotency-Key", "\xe9\xff"), ("X-Correlation-ID", "a\tb"), ("X-Operator", "\x80\x81"), ("traceparent", "00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-ff"),
        ("Cookie", "a=b"), ("TE", "trailers, deflate"), ("Accept", "*/*;q=9"), ("Accept-Encoding", "gzip;q=0, *;q=0"), ("Last-Event-ID", "x"), ("Trailer", "Authorization"),
    ];

    private static readonly string[] OddLines =
    [
        " folded: x\r\n", "\tfolded\r\n", "No colon\r\n", ": no name\r\n", "Spaced : x\r\n", "Bare: lf\nX-Injected: y\r\n", "Bare: cr\rX-Injected: y\r\n", "Nul: a\0b\r\n", "\xffName: x\r\n", "X: y\n",
        $"Long: {new string('x', 40_000)}\r\n", string.Concat(Enumerable.Range(0, 200).Select(static number => $"X-{number}: x\r\n")), "\r\nGET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ];

    private static readonly string[] Credentials =
    [
        "Authorization: Bearer x\r\n", "Authorization: Basic dGVzdHM6eA==\r\n", "Authorization:\r\n", "X-Api-Key: x\r\n", "X-Api-Key:\r\n", "Authorization: Bearer aik_\r\n",
        "Authorization: Bearer aik_00000000_" + new string('0', 49) + "\r\n", "Authorization: Bearer " + new string('a', 9_000) + "\r\n", "Authorization: Bearer eyJhbGciOiJub25lIn0.e30.\r\n", "Authorization: Bearer \xe9\r\n",
    ];

    /// <summary>The bytes to send, with the name of the mutation.</summary>
    public (string Mutation, byte[] Bytes) Mutate(FuzzedRequest made, MutatedCaller caller)
    {
        var request = RawRequest.Of(made, caller);
        return random.Next(19) switch
        {
            0 => ("flipped", Flip(request.ToBytes())),
            1 => ("cut", Cut(request.ToBytes())),
            2 => ("inserted", Insert(request.ToBytes(), Bytes(random.Next(1, 40)))),
            3 => ("left out", LeaveOut(request.ToBytes())),
            4 => ("repeated", Repeat(request.ToBytes())),
            5 => ("length", Changed(request, () => request.Set("Content-Length", Any(Lengths)))),
            6 => ("lengths", Changed(request, () => request.Add("Content-Length", Any(Lengths)))),
            7 => ("length and chunks", Changed(request, () => request.Add(random.Next(2) == 0 ? "Transfer-Encoding" : "transfer-encoding ", Any("chunked", "identity", "chunked, chunked", "gzip, chunked", "\x0b" + "chunked", "x")))),
            8 => ("chunks", Chunked(request)),
            9 => ("line", Changed(request, () => request.Lines.Insert(random.Next(request.Lines.Count + 1), Any(OddLines)))),
            10 => ("host", Changed(request, () => ChangeHost(request))),
            11 => ("target", Changed(request, () => request.Target = Retarget(request.Target))),
            12 => ("method", Changed(request, () => request.Method = Any(Methods))),
            13 => ("version", Changed(request, () => request.Version = Any(Versions))),
            14 => ("header", Changed(request, () => AddOddity(request))),
            15 => ("credential", Changed(request, () => ChangeCredential(request))),
            16 => ("pipelined", [.. Enumerable.Repeat(request.ToBytes(), random.Next(2, 6)).SelectMany(static bytes => bytes)]),
            17 => ("HTTP/2", Encoding.Latin1.GetBytes(Preface + Any(Settings, Settings + "\xff\xff\xff\x01\x05\0\0\0\x01", "", "\0\0\x01")).Concat(request.ToBytes()).ToArray()),
            _ => ("no HTTP", Any([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00], Bytes(random.Next(1, 300)), [0], "\r\n\r\n\r\n"u8.ToArray())),
        };
    }

    private static byte[] Changed(RawRequest request, Action change)
    {
        change();
        return request.ToBytes();
    }

    private byte[] Flip(byte[] bytes)
    {
        for (var number = random.Next(1, 9); number > 0; number--)
        {
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        return bytes;
    }

    private byte[] Cut(byte[] bytes) => bytes[..random.Next(bytes.Length)];

    private byte[] Insert(byte[] bytes, byte[] more)
    {
        var at = random.Next(bytes.Length);
        return [.. bytes[..at], .. more, .. bytes[at..]];
    }

    private byte[] LeaveOut(byte[] bytes)
    {
        var at = random.Next(bytes.Length);
        return [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 20))..]];
    }

    private byte[] Repeat(byte[] bytes)
    {
        var at = random.Next(bytes.Length);
        return Insert(bytes, bytes[at..Math.Min(bytes.Length, at + random.Next(1, 60))]);
    }

    private byte[] Chunked(RawRequest request)
    {
        request.Remove("Content-Length");
        request.Add("Transfer-Encoding", "chunked");
        using var body = new MemoryStream();
        for (var at = 0; at < request.Body.Length;)
        {
            var size = Math.Min(random.Next(1, 200), request.Body.Length - at);
            body.Write(Encoding.Latin1.GetBytes(random.Next(4) == 0 ? Any(Sizes) : size.ToString("x", null)));
            body.Write("\r\n"u8);
            body.Write(request.Body.AsSpan(at, size));
            body.Write(random.Next(20) == 0 ? "\n"u8 : "\r\n"u8);
            at += size;
        }

        body.Write(Encoding.Latin1.GetBytes(Any("0\r\n\r\n", "0\r\nX-Trailer: x\r\n\r\n", "0\r\nContent-Length: 5\r\nAuthorization: Bearer x\r\n\r\n", "0\r\n", "", "0\n\n")));
        request.Body = body.ToArray();
        return request.ToBytes();
    }

    private void ChangeHost(RawRequest request)
    {
        if (random.Next(2) == 0)
        {
            request.Remove("Host");
        }

        if (random.Next(3) > 0)
        {
            request.Add("Host", Any(Hosts));
        }
    }

    /// <summary>The path in another writing, for a gate that would compare it with those that are open.</summary>
    private string Retarget(string target) => random.Next(18) switch
    {
        0 => $"http://localhost{target}",
        1 => $"http://evil.example:1{target}",
        2 => "/" + target,
        3 => $"/.{target}",
        4 => $"/alive/..{target}",
        5 => $"/alive/%2e%2e{target}",
        6 => $"/alive%2f..{target}",
        7 => $"/%{(int)target[1 % target.Length]:x2}{target[Math.Min(2, target.Length)..]}",
        8 => target + "%00",
        9 => target + "/",
        10 => target + ";/alive",
        11 => target.ToUpperInvariant(),
        12 => target + "?" + new string('x', 9_000),
        13 => target + "%zz%",
        14 => target + "#/alive",
        15 => target.Replace('/', '\\'),
        16 => target + "\xff\xc0\xaf",
        _ => Any("*", "localhost:80", "", "?", "http://", "//", "/alive?" + target, "/" + new string('/', 9_000)),
    };

    private void AddOddity(RawRequest request)
    {
        var (name, value) = Oddities[random.Next(Oddities.Length)];
        request.Set(name, value);
    }

    private void ChangeCredential(RawRequest request)
    {
        if (random.Next(2) == 0)
        {
            request.Remove("Authorization");
        }

        request.Lines.Insert(random.Next(request.Lines.Count + 1), Any(Credentials));
    }

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private T Any<T>(params T[] choices) => choices[random.Next(choices.Length)];
}
