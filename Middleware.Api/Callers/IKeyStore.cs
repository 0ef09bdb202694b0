using Middleware.Events;

namespace Middleware.Callers;

/// <summary>Keeps the API keys, without their texts. Every member may throw <see cref="StoreUnavailableException"/>.</summary>
internal interface IKeyStore
{
    /// <summary>True where other replicas may change keys too. A change fails then that was decided without knowing all changes of the others.</summary>
    bool HasReplicas { get; }

    /// <summary>All there are, as <see cref="LoadAsync"/>; null when no other replica changed any since the last that is known here.</summary>
    Task<IReadOnlyList<(ApiKey Key, DateTimeOffset? LastUsedAt)>?> ReadChangedAsync();

    /// <summary>All there are, oldest first, each with the time of its last use.</summary>
    Task<IReadOnlyList<(ApiKey Key, DateTimeOffset? LastUsedAt)>> LoadAsync();

    /// <summary>Adds a key, or changes the one of its id. False when another replica changed something that is not known here.</summary>
    Task<bool> SaveAsync(ApiKey key, ApiKey? before, Actor by);

    /// <summary>False for an id that is not known, and as <see cref="SaveAsync"/>.</summary>
    Task<bool> RemoveAsync(string id, Actor by);

    /// <summary>Notes the last uses of keys; those that are gone are passed over, and later uses stay.</summary>
    Task NoteUsesAsync(IReadOnlyList<(string Id, DateTimeOffset At)> uses);
}
