namespace Middleware.Http;

/// <summary>Regular expressions (ECMA-262) and values of members of requests and answers.</summary>
internal static class Patterns
{
    public const string NotBlank = @"\S";
    public const string Id = "^[0-9a-f]{32}$";
    public const string CorrelationId = "^[A-Za-z0-9._-]{1,128}$";
    public const string DeliveryId = @"^[0-9A-Fa-f]{32}\..{1,128}$";
    public const string Network = @"^([0-9]{1,3}(\.[0-9]{1,3}){3}(/[0-9]{1,2})?|[0-9A-Fa-f:.]+(/[0-9]{1,3})?)$";
    public const string Rate = "^[0-9]{1,6}/[smh]( burst [0-9]{1,7})?$";
    public const string Cursor = "^[A-Za-z0-9_-]{12,100}$";
    public const string Url = "^[Hh][Tt][Tt][Pp][Ss]?://[!-~]+$";
    public const string Proxy = @"^(direct|[Hh][Tt][Tt][Pp]://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?/?)$";
    public const string Duration = @"^(0|([0-9]+(\.[0-9]+)?(d|h|ms|m|s))+)$";

    /// <summary>ISO 8601: a day, or a time of day with seconds or without, in UTC unless it has an offset.</summary>
    public const string Time = @"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,7})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?$";
}
