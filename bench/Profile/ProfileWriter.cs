using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Bench.Profile;

/// <summary>An entry of a profile: values of instrumentation, or the likely class or method of a call.</summary>
internal sealed record ProfileEntry(int Kind, int Offset, int Other, long[] Values, EntityHandle? Likely)
{
    public int Count => Likely is null ? Values.Length : 1;
}

/// <summary>
/// Writes the static profile (.mibc) that the native compiler reads. It is an assembly: its IL has the methods by assembly, and their data as constants
/// (docs/design/features/DotNet-Pgo.md of dotnet/runtime).
/// </summary>
internal sealed class ProfileWriter(ProfileTrace trace, string path)
{
    /// <summary>The runtime notes up to this number instead of a type or a method that it cannot name.</summary>
    private const long UnknownHandles = 33;

    /// <summary>The counts of a method that ran less, as at a start, say little: with them the steady rate was lower.</summary>
    private const uint FewestRuns = 100;

    private const int LongestGroupName = 180;
    private const int OneHandle = 1 << 8;

    private static readonly DateTimeOffset SameTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ProfileMetadata _metadata = new(Path.GetFileName(path));

    /// <summary>Writes the profile of all methods that ran often, and answers their number and that of likely classes and methods.</summary>
    public (int Methods, int Likely) Write()
    {
        var types = new ProfileTypes(trace, _metadata);
        var groups = new SortedDictionary<string, SortedDictionary<string, (EntityHandle Handle, List<ProfileEntry> Entries)>>(StringComparer.Ordinal);
        var seen = new HashSet<EntityHandle>();
        var likely = 0;
        var ran = trace.Data.Select(static data => (Id: data.Key, Data: InstrumentationData.Parse(data.Value)))
            .Select(static method => (method.Id, method.Data, Runs: method.Data.Select(static entry => entry.Runs).DefaultIfEmpty().Max()))
            .Where(static method => method.Runs >= FewestRuns)
            .OrderByDescending(static method => method.Runs);
        foreach (var (id, data, _) in ran)
        {
            // A method is there twice when two load contexts have it, or its code was thrown away: the one that ran more counts.
            if (types.Profiled(id) is not { } method || !seen.Add(method.Handle))
            {
                continue;
            }

            var entries = Entries(data, types).ToList();
            likely += entries.Count(static entry => entry.Likely is not null);
            var key = $"{string.Join(';', method.Assemblies)};";
            groups.Once(key, static () => new(StringComparer.Ordinal)).Add($"{method.Name}|{MetadataTokens.GetToken(method.Handle):x8}", (method.Handle, entries));
        }

        Write(groups.Select(static group => (group.Key, group.Value.Values.AsEnumerable())));
        Save(_metadata.ToBytes());
        return (seen.Count, likely);
    }

    private static IEnumerable<ProfileEntry> Entries(List<Instrumentation> data, ProfileTypes types)
    {
        for (var i = 0; i < data.Count; i++)
        {
            var entry = data[i];
            if (InstrumentationKind.IsHistogramCount(entry.Kind) && i + 1 < data.Count && InstrumentationKind.IsHistogram(data[i + 1].Kind))
            {
                if (Likely(data[++i], types) is { } likely)
                {
                    yield return likely;
                }
            }
            else
            {
                var isShort = InstrumentationKind.FormatOf(entry.Kind) == InstrumentationKind.FourBytes;
                var values = isShort ? [.. entry.Values.Select(static value => (long)(int)value)] : entry.Values;
                yield return new(entry.Kind, entry.Offset, entry.Other, values, null);
            }
        }
    }

    /// <summary>The class or method that a call had most often, with its share in percent; null where the profile cannot refer to it.</summary>
    private static ProfileEntry? Likely(Instrumentation histogram, ProfileTypes types)
    {
        var seen = histogram.Values.Where(static id => id != 0).ToList();
        var first = seen.GroupBy(static id => id)
            .Select(static same => (Id: same.Key, Count: same.Count()))
            .Where(static same => same.Id is < 0 or > UnknownHandles)
            .OrderByDescending(static same => same.Count).ThenBy(static same => same.Id)
            .FirstOrDefault();
        if (first.Count == 0)
        {
            return null;
        }

        var isType = histogram.Kind == InstrumentationKind.HistogramTypes;
        return (isType ? types.Type(first.Id) : types.Method(first.Id)) is { } handle
            ? new(
                isType ? InstrumentationKind.LikelyClass : InstrumentationKind.LikelyMethod, histogram.Offset,
                (first.Count * 100 / seen.Count) | OneHandle, [], handle)
            : null;
    }

    private void Write(IEnumerable<(string Assemblies, IEnumerable<(EntityHandle Handle, List<ProfileEntry> Entries)> Methods)> groups)
    {
        var dictionary = new InstructionEncoder(new BlobBuilder());
        var number = 0;
        foreach (var (assemblies, methods) in groups)
        {
            var il = new InstructionEncoder(new BlobBuilder());
            foreach (var (handle, entries) in methods)
            {
                Write(il, handle, entries);
            }

            var name = assemblies.Length > LongestGroupName ? assemblies[..LongestGroupName] : assemblies;
            var group = _metadata.AddMethod($"Assemblies_{name}_{++number}", il);
            dictionary.LoadString(_metadata.Text(assemblies));
            Load(dictionary, group);
            dictionary.OpCode(ILOpCode.Pop);
        }

        _metadata.AddMethod("AssemblyDictionary", dictionary);
    }

    private void Write(InstructionEncoder il, EntityHandle method, List<ProfileEntry> entries)
    {
        Load(il, method);
        il.LoadString(_metadata.Text("InstrumentationDataStart"));
        var last = new ProfileEntry(0, 0, 0, [], null);
        foreach (var entry in entries)
        {
            Write(il, entry, last);
            last = entry;
        }

        il.LoadString(_metadata.Text("InstrumentationDataEnd"));
        il.OpCode(ILOpCode.Pop);
    }

    private static void Write(InstructionEncoder il, ProfileEntry entry, ProfileEntry last)
    {
        (ChangedFields Field, int Now, int Before)[] fields =
        [
            (ChangedFields.Offset, entry.Offset, last.Offset),
            (ChangedFields.Kind, entry.Kind, last.Kind),
            (ChangedFields.Count, entry.Count, last.Count),
            (ChangedFields.Other, entry.Other, last.Other),
        ];
        var changed = fields.Where(static field => field.Now != field.Before).Aggregate(ChangedFields.None, static (all, field) => all | field.Field);
        if (changed == ChangedFields.None)
        {
            changed = ChangedFields.Offset;
        }

        il.LoadConstantI4((int)changed);
        foreach (var (_, now, _) in fields.Where(field => changed.HasFlag(field.Field)))
        {
            il.LoadConstantI4(now);
        }

        if (entry.Likely is { } handle)
        {
            Load(il, handle);
            return;
        }

        foreach (var value in entry.Values)
        {
            if (value is >= int.MinValue and <= int.MaxValue)
            {
                il.LoadConstantI4((int)value);
            }
            else
            {
                il.LoadConstantI8(value);
            }
        }
    }

    private static void Load(InstructionEncoder il, EntityHandle handle)
    {
        il.OpCode(ILOpCode.Ldtoken);
        il.Token(handle);
    }

    private void Save(byte[] bytes)
    {
        using var archive = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        var entry = archive.CreateEntry($"{Path.GetFileName(path)}.dll", CompressionLevel.SmallestSize);
        entry.LastWriteTime = SameTime;
        using var stream = entry.Open();
        stream.Write(bytes);
    }
}
