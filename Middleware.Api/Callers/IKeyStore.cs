using Middleware.Events;

namespace Middleware.Callers;

/// <summary>Keeps the API keys, without their texts. Every member may throw <see cref="StoreUnavailableException"/>.</summary>
internal interface IKeyStore
{
    /// <summary>All there are, oldest first, each with the time of its last use.</summary>
    Task<IReadOnlyList<(ApiKey Key, DateTimeOffset? LastUsedAt)>> LoadAsync();

    /// <summary>Adds a key, or changes the one of its id.</summary>
    Task SaveAsync(ApiKey key, ApiKey? before, Actor by);

    /// <summary>False for an id that is not known.</summary>
    Task<bool> RemoveAsync(string id, Actor by);

    /// <summary>Notes the last uses of keys; those that are gone are passed over.</summary>
    Task NoteUsesAsync(IReadOnlyList<(string Id, DateTimeOffset At)> uses);
}
