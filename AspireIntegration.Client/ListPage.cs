namespace AspireIntegration.Client;

/// <summary>A page of a list.</summary>
public sealed record ListPage<T>
{
    /// <summary>May be fewer than asked for, or none, while there is a next cursor.</summary>
    public IReadOnlyList<T> Items { get => field ?? []; init; }

    /// <summary>The cursor of the next page; null for the last page.</summary>
    public string? NextCursor { get; init; }
}

/// <summary>The part of a list that is asked for.</summary>
public record PageQuery
{
    /// <summary>The <see cref="ListPage{T}.NextCursor"/> of the page before; null for the first page.</summary>
    public string? Cursor { get; init; }

    /// <summary>The most items of a page, 1 to 1,000; 50 by default.</summary>
    public int? Limit { get; init; }

    /// <summary>Adds the parameters of the query.</summary>
    private protected virtual void AddTo(Transport.QueryText query)
    {
    }

    internal string ToQuery()
    {
        var query = new Transport.QueryText();
        AddTo(query);
        return query.Add("cursor", Cursor).Add("limit", Limit).ToString();
    }
}
