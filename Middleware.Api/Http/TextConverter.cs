using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Middleware.Events;
using ServiceDefaults.Settings;

namespace Middleware.Http;

/// <summary>Writes a value as text.</summary>
internal abstract class TextConverter<T>(Func<T, string> textOf) : JsonConverter<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(textOf(value));
}

/// <summary>32 hexadecimal digits.</summary>
internal sealed class IdText() : TextConverter<Guid>(static id => id.ToString("n"));

/// <summary><c>event_id.endpoint_id</c>.</summary>
internal sealed class DeliveryIdText() : TextConverter<DeliveryId>(static id => id.ToString());

/// <summary>ISO 8601 in UTC.</summary>
internal sealed class TimeText() : TextConverter<DateTimeOffset>(static time => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));

/// <summary>Such as <c>1m30s</c>.</summary>
internal sealed class DurationText() : TextConverter<TimeSpan>(Duration.Format);
