using System.Globalization;
using System.Text;
using Tests.Middleware.Http.Contract.Fuzz;

namespace Tests.Middleware.Callers.Mutated;

/// <summary>A request before it is written: each of its parts may be changed to one that HTTP/1.1 does not permit.</summary>
internal sealed class RawRequest
{
    private const int LongestBody = 20_000;

    public string Method { get; set; } = "GET";

    public string Target { get; set; } = "/";

    public string Version { get; set; } = "HTTP/1.1";

    /// <summary>The lines of the head behind the first, with their line ends.</summary>
    public List<string> Lines { get; } = [];

    public byte[] Body { get; set; } = [];

    public static RawRequest Of(FuzzedRequest made, MutatedCaller caller)
    {
        var request = new RawRequest { Method = made.Operation.Method, Target = made.Path, Body = made.Body is { Length: <= LongestBody } body ? body : [] };
        request.Add("Host", "localhost");
        foreach (var (name, value) in caller.Headers.Concat(made.Headers))
        {
            request.Add(name, value);
        }

        if (made.ContentType is { } type)
        {
            request.Add("Content-Type", type);
        }

        if (request.Body.Length > 0)
        {
            request.Add("Content-Length", request.Body.Length.ToString(CultureInfo.InvariantCulture));
        }

        return request;
    }

    public void Add(string name, string value) => Lines.Add($"{name}: {value}\r\n");

    public void Remove(string name) => Lines.RemoveAll(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase));

    public void Set(string name, string value)
    {
        Remove(name);
        Add(name, value);
    }

    /// <summary>Characters of the head beyond ASCII are single bytes.</summary>
    public byte[] ToBytes() => [.. Encoding.Latin1.GetBytes($"{Method} {Target}{(Version.Length > 0 ? " " : "")}{Version}\r\n{string.Concat(Lines)}\r\n"), .. Body];
}
