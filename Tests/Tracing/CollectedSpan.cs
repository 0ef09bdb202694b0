using System.Globalization;
using System.Text;

namespace Tests.Tracing;

/// <summary>A span as it was exported (https://opentelemetry.io/docs/specs/otlp/): ids in hexadecimal, every attribute as text.</summary>
internal sealed record CollectedSpan
{
    public required string Service { get; init; }

    public string TraceId { get; private set; } = "";

    public string Id { get; private set; } = "";

    /// <summary>Empty for none.</summary>
    public string Parent { get; private set; } = "";

    public string Name { get; private set; } = "";

    public SpanKind Kind { get; private set; }

    public SpanStatus Status { get; private set; }

    public string StatusMessage { get; private set; } = "";

    /// <summary>Nanoseconds since 1970.</summary>
    public (ulong Start, ulong End) Time { get; private set; }

    public Dictionary<string, string> Attributes { get; } = [];

    /// <summary>The contexts it is linked to.</summary>
    public List<(string TraceId, string Id)> Links { get; } = [];

    public string? this[string attribute] => Attributes.GetValueOrDefault(attribute);

    /// <summary>Reads the spans of an <c>ExportTraceServiceRequest</c>.</summary>
    public static List<CollectedSpan> ReadAll(ReadOnlySpan<byte> request)
    {
        var spans = new List<CollectedSpan>();
        for (var resources = new ProtoReader(request); resources.Read();)
        {
            var attributes = new Dictionary<string, string>();
            for (var resource = new ProtoReader(resources.Bytes); resource.Read();)
            {
                if (resource.Field == 1)
                {
                    for (var described = new ProtoReader(resource.Bytes); described.Read();)
                    {
                        AddTo(attributes, described.Bytes);
                    }
                }
                else if (resource.Field == 2)
                {
                    ReadScope(resource.Bytes, attributes["service.name"], spans);
                }
            }
        }

        return spans;
    }

    private static void ReadScope(ReadOnlySpan<byte> message, string service, List<CollectedSpan> spans)
    {
        for (var scope = new ProtoReader(message); scope.Read();)
        {
            if (scope.Field == 2)
            {
                var span = new CollectedSpan { Service = service };
                span.Fill(scope.Bytes);
                spans.Add(span);
            }
        }
    }

    private void Fill(ReadOnlySpan<byte> message)
    {
        for (var field = new ProtoReader(message); field.Read();)
        {
            switch (field.Field)
            {
                case 1:
                    TraceId = Convert.ToHexStringLower(field.Bytes);
                    break;
                case 2:
                    Id = Convert.ToHexStringLower(field.Bytes);
                    break;
                case 4:
                    Parent = Convert.ToHexStringLower(field.Bytes);
                    break;
                case 5:
                    Name = Encoding.UTF8.GetString(field.Bytes);
                    break;
                case 6:
                    Kind = (SpanKind)field.Number;
                    break;
                case 7:
                    Time = (field.Number, Time.End);
                    break;
                case 8:
                    Time = (Time.Start, field.Number);
                    break;
                case 9:
                    AddTo(Attributes, field.Bytes);
                    break;
                case 13:
                    Links.Add(ReadLink(field.Bytes));
                    break;
                case 15:
                    ReadStatus(field.Bytes);
                    break;
            }
        }
    }

    private void ReadStatus(ReadOnlySpan<byte> message)
    {
        for (var field = new ProtoReader(message); field.Read();)
        {
            if (field.Field == 2)
            {
                StatusMessage = Encoding.UTF8.GetString(field.Bytes);
            }
            else if (field.Field == 3)
            {
                Status = (SpanStatus)field.Number;
            }
        }
    }

    private static (string TraceId, string Id) ReadLink(ReadOnlySpan<byte> message)
    {
        var (traceId, id) = ("", "");
        for (var field = new ProtoReader(message); field.Read();)
        {
            (traceId, id) = field.Field switch
            {
                1 => (Convert.ToHexStringLower(field.Bytes), id),
                2 => (traceId, Convert.ToHexStringLower(field.Bytes)),
                _ => (traceId, id),
            };
        }

        return (traceId, id);
    }

    private static void AddTo(Dictionary<string, string> attributes, ReadOnlySpan<byte> message)
    {
        var (key, value) = ("", "");
        for (var pair = new ProtoReader(message); pair.Read();)
        {
            if (pair.Field == 1)
            {
                key = Encoding.UTF8.GetString(pair.Bytes);
            }
            else if (pair.Field == 2)
            {
                value = ReadValue(pair.Bytes);
            }
        }

        attributes[key] = value;
    }

    private static string ReadValue(ReadOnlySpan<byte> message)
    {
        var value = new ProtoReader(message);
        return !value.Read() ? "" : value.Field switch
        {
            1 => Encoding.UTF8.GetString(value.Bytes),
            2 => value.Number == 1 ? "true" : "false",
            4 => BitConverter.UInt64BitsToDouble(value.Number).ToString(CultureInfo.InvariantCulture),
            _ => ((long)value.Number).ToString(CultureInfo.InvariantCulture),
        };
    }
}

/// <summary>The numbers of OTLP.</summary>
internal enum SpanKind
{
    Unspecified,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

/// <summary>The numbers of OTLP.</summary>
internal enum SpanStatus
{
    Unset,
    Ok,
    Error,
}
