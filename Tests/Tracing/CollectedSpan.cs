using System.Globalization;
using Google.Protobuf;

namespace Tests.Tracing;

/// <summary>A span as it was exported (https://opentelemetry.io/docs/specs/otlp/): ids in hexadecimal, every attribute as text.</summary>
internal sealed record CollectedSpan
{
    public required string Service { get; init; }

    public required string TraceId { get; init; }

    public required string Id { get; init; }

    /// <summary>Empty for none.</summary>
    public required string Parent { get; init; }

    public required string Name { get; init; }

    public required SpanKind Kind { get; init; }

    public required SpanStatus Status { get; init; }

    public required string StatusMessage { get; init; }

    /// <summary>Nanoseconds since 1970.</summary>
    public required (ulong Start, ulong End) Time { get; init; }

    public required IReadOnlyDictionary<string, string> Attributes { get; init; }

    /// <summary>The contexts it is linked to.</summary>
    public required IReadOnlyList<(string TraceId, string Id)> Links { get; init; }

    public string? this[string attribute] => Attributes.GetValueOrDefault(attribute);

    /// <summary>Reads the spans of an <c>ExportTraceServiceRequest</c>.</summary>
    public static IEnumerable<CollectedSpan> ReadAll(byte[] request) =>
        from resource in Message.Read(ByteString.CopyFrom(request)).Messages(1)
        let service = AttributesOf(resource.Messages(1).Single(), 1)["service.name"]
        from scope in resource.Messages(2)
        from span in scope.Messages(2)
        select Of(span, service);

    private static CollectedSpan Of(Message span, string service)
    {
        var status = span.Messages(15).SingleOrDefault() ?? Message.Read(ByteString.Empty);
        return new()
        {
            Service = service,
            TraceId = span.Hex(1),
            Id = span.Hex(2),
            Parent = span.Hex(4),
            Name = span.Text(5),
            Kind = (SpanKind)span.Number(6),
            Time = (span.Number(7), span.Number(8)),
            Attributes = AttributesOf(span, 9),
            Links = [.. span.Messages(13).Select(static link => (link.Hex(1), link.Hex(2)))],
            StatusMessage = status.Text(2),
            Status = (SpanStatus)status.Number(3),
        };
    }

    private static Dictionary<string, string> AttributesOf(Message message, int field) =>
        message.Messages(field).ToDictionary(static pair => pair.Text(1), static pair => pair.Messages(2).Select(ValueOf).SingleOrDefault(""));

    private static string ValueOf(Message value) => value.Fields.SingleOrDefault() switch
    {
        null => "",
        { Key: 1 } => value.Text(1),
        { Key: 2 } => value.Number(2) == 1 ? "true" : "false",
        { Key: 4 } => BitConverter.UInt64BitsToDouble(value.Number(4)).ToString(CultureInfo.InvariantCulture),
        { Key: var number } => ((long)value.Number(number)).ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>A message in the encoding of protocol buffers: the values of its fields by their numbers.</summary>
    private sealed record Message(ILookup<int, (ByteString Bytes, ulong Number)> Fields)
    {
        public static Message Read(ByteString bytes) => new(ReadFields(bytes).ToLookup(static field => field.Field, static field => (field.Bytes, field.Number)));

        public IEnumerable<Message> Messages(int field) => Fields[field].Select(static value => Read(value.Bytes));

        public string Text(int field) => Fields[field].Select(static value => value.Bytes.ToStringUtf8()).SingleOrDefault("");

        public string Hex(int field) => Fields[field].Select(static value => Convert.ToHexStringLower(value.Bytes.Span)).SingleOrDefault("");

        public ulong Number(int field) => Fields[field].Select(static value => value.Number).SingleOrDefault();

        private static IEnumerable<(int Field, ByteString Bytes, ulong Number)> ReadFields(ByteString bytes)
        {
            var input = bytes.CreateCodedInput();
            while (input.ReadTag() is > 0 and var tag)
            {
                var type = WireFormat.GetTagWireType(tag);
                var value = type == WireFormat.WireType.LengthDelimited ? input.ReadBytes() : ByteString.Empty;
                var number = type switch
                {
                    WireFormat.WireType.Varint => input.ReadUInt64(),
                    WireFormat.WireType.Fixed64 => input.ReadFixed64(),
                    WireFormat.WireType.Fixed32 => input.ReadFixed32(),
                    _ => 0UL,
                };
                yield return (WireFormat.GetTagFieldNumber(tag), value, number);
            }
        }
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
