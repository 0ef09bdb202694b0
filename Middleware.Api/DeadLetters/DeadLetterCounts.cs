using System.Text.Json.Serialization;
using Middleware.Events;

namespace Middleware.DeadLetters;

/// <summary>The number of dead letters that match, in all and by endpoint and reason.</summary>
/// <param name="Items">One for each endpoint and reason, the most first.</param>
/// <param name="TotalIsLowerBound">True when the count looked at as many dead letters as it may, 50,000: older ones are in no item.</param>
internal sealed record DeadLetterCounts(IReadOnlyList<DeadLetterCount> Items, bool TotalIsLowerBound)
{
    /// <summary>The sum of all items.</summary>
    [JsonPropertyOrder(-1)]
    public long Total => Items.Sum(static item => item.Count);
}

/// <summary>The number of dead letters of an endpoint for one reason.</summary>
/// <param name="EndpointId">The endpoint.</param>
/// <param name="Reason">The reason for which the last attempt failed.</param>
/// <param name="Count">Their number.</param>
internal sealed record DeadLetterCount(EndpointId EndpointId, string Reason, long Count);
