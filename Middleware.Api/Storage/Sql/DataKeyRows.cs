using System.Security.Cryptography;
using Middleware.Storage.AtRest;
using ServiceDefaults;

namespace Middleware.Storage.Sql;

/// <summary>The wrapped data keys, as rows.</summary>
internal static class DataKeyRows
{
    /// <summary>The part of the store that a transaction locks before it adds or wraps a data key.</summary>
    public const string Part = "data_keys";

    /// <summary>
    /// Unwraps all data keys and adds one for this process. Null without a master key. Throws <see cref="StartRefusedException"/> when a data key
    /// cannot be unwrapped: its rows would be lost.
    /// </summary>
    public static DataKeys? Open(ISqlConnection connection, EncryptionSettings settings, string path, DateTimeOffset now)
    {
        var keys = Read(connection, settings, path);
        if (settings.Master is not { } master)
        {
            return null;
        }

        keys.Add(Add(connection, master, now));
        return keys;
    }

    /// <summary>Unwraps all data keys and adds none.</summary>
    public static DataKeys Read(ISqlConnection connection, EncryptionSettings settings, string path)
    {
        var keys = new DataKeys(settings.Payloads);
        Unwrap(connection, settings.Master, path, id: null).ForEach(row => keys.Add(new DataKey(row.Id, row.Key, row.CreatedAt)));
        return keys;
    }

    /// <summary>The data key with an id; null when there is none.</summary>
    public static DataKey? Find(ISqlConnection connection, EncryptionSettings settings, string path, int id) =>
        Unwrap(connection, settings.Master, path, id) is [var row] ? new DataKey(row.Id, row.Key, row.CreatedAt) : null;

    /// <summary>Adds a new data key. It may encrypt when this is committed.</summary>
    public static DataKey Add(ISqlConnection connection, MasterKeys master, DateTimeOffset now)
    {
        connection.LockForTransaction(Part);
        using var next = connection.Prepare("SELECT COALESCE(MAX(id), 0) + 1 FROM data_keys");
        var (id, key) = (checked((int)next.Scalar()!.Value), RandomNumberGenerator.GetBytes(DataKey.KeyBytes));
        using var insert = connection.Prepare("INSERT INTO data_keys (id, master, wrapped, created_at) VALUES (?1, ?2, ?3, ?4)");
        insert.Bind(1, id).Bind(2, master.FirstId).Bind(3, master.Wrap(id, key)).Bind(4, StoredTime.From(now)).Run();
        return new DataKey(id, key, now);
    }

    /// <summary>Wraps all data keys with the first master key. Returns their number, and the number of those that were wrapped with another.</summary>
    public static (int All, int Rewrapped) Rewrap(ISqlConnection connection, MasterKeys master, string path)
    {
        using var update = connection.Prepare("UPDATE data_keys SET master = ?2, wrapped = ?3 WHERE id = ?1");
        var rows = Unwrap(connection, master, path, id: null);
        var others = rows.FindAll(row => row.Master != master.FirstId);
        foreach (var (id, _, key, _) in others)
        {
            update.Bind(1, id).Bind(2, master.FirstId).Bind(3, master.Wrap(id, key)).Run();
        }

        return (rows.Count, others.Count);
    }

    private static List<(int Id, string Master, byte[] Key, DateTimeOffset CreatedAt)> Unwrap(ISqlConnection connection, MasterKeys? master, string path, int? id)
    {
        var rows = new List<(int Id, string Master, byte[] Key, DateTimeOffset CreatedAt)>();
        using var read = connection.Prepare("SELECT id, master, wrapped, created_at FROM data_keys WHERE ?1 IS NULL OR id = ?1 ORDER BY id");
        read.Bind(1, id).ForEach(row => rows.Add((Column.Count(row, 0), Column.Text(row, 1), Column.Bytes(row, 2), Column.Time(row, 3))));

        var missing = rows.Select(static row => row.Master).Where(id => master?.Has(id) != true).Distinct().Select(static id => $"\"{id}\"").ToList();
        if (missing.Count > 0)
        {
            throw new StartRefusedException(
                $"{Setting.MasterKey.Name}: the store \"{path}\" is encrypted and needs the master key {string.Join(" and ", missing)}, which is not given. Give its line too, below the first.");
        }

        return rows.ConvertAll(row => row with
        {
            Key = master!.Unwrap(row.Id, row.Master, row.Key) ?? throw new StartRefusedException(
                $"{Setting.MasterKey.Name}: the master key \"{row.Master}\" is not the one with which the store \"{path}\" was encrypted. Give that one."),
        });
    }
}
