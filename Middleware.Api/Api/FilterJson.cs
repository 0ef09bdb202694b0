using System.Text.Json.Serialization;

namespace Middleware.Api;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(FilterTestResult))]
internal sealed partial class FilterJson : JsonSerializerContext;
