using System.Buffers.Binary;

namespace Bench.Profile;

/// <summary>The kinds of instrumentation, by the numbers of the JIT (PgoInstrumentationKind in corjit.h), which profiles have too.</summary>
internal static class InstrumentationKind
{
    public const int FourBytes = 1;
    public const int EightBytes = 2;
    public const int TypeHandle = 3;
    public const int MethodHandle = 4;
    public const int HistogramTypes = (Descriptor * 3) | TypeHandle;
    public const int HistogramMethods = (Descriptor * 3) | MethodHandle;
    public const int LikelyClass = (Descriptor * 7) | TypeHandle;
    public const int LikelyMethod = (Descriptor * 7) | MethodHandle;

    private const int Descriptor = 0x40;
    private const int AlignedToPointer = 0x30;
    private const int Format = 0xF;
    private const int BlockCounts = Descriptor;
    private const int EdgeCounts = Descriptor * 6;
    private const int HistogramCount = (Descriptor * 2) | AlignedToPointer | FourBytes;
    private const int HistogramLongCount = (Descriptor * 2) | EightBytes;

    public static int FormatOf(int kind) => kind & Format;

    public static bool IsCounter(int kind) => (kind & ~(Descriptor - 1)) is BlockCounts or EdgeCounts;

    public static bool IsHistogramCount(int kind) => kind is HistogramCount or HistogramLongCount;

    public static bool IsHistogram(int kind) => kind is HistogramTypes or HistogramMethods;
}

/// <summary>The fields of an entry that are not those of the entry before.</summary>
[Flags]
internal enum ChangedFields
{
    None = 0,
    Offset = 1,
    Kind = 2,
    Count = 4,
    Other = 8,
}

/// <summary>An entry of instrumentation data: a kind, an offset in the IL, and the values there.</summary>
internal sealed record Instrumentation(int Kind, int Offset, int Other, long[] Values)
{
    /// <summary>The number of runs, where it is a counter.</summary>
    public uint Runs => InstrumentationKind.IsCounter(Kind) ? (uint)Values[0] : 0;
}

/// <summary>The instrumentation data of one method, as the JIT writes it: each number as its difference from the one before.</summary>
internal sealed class InstrumentationData
{
    private const byte EightByteNumber = 0xC1;

    private readonly byte[] _bytes;
    private readonly long[] _last = new long[InstrumentationKind.MethodHandle + 1];
    private int _at;

    private InstrumentationData(byte[] bytes) => _bytes = bytes;

    public static List<Instrumentation> Parse(byte[] bytes) => new InstrumentationData(bytes).Parse();

    private List<Instrumentation> Parse()
    {
        var entries = new List<Instrumentation>();
        long offset = 0, kind = 0, count = 0, other = 0;
        while (true)
        {
            var changed = (ChangedFields)Next();
            offset += changed.HasFlag(ChangedFields.Offset) ? Next() : 0;
            kind += changed.HasFlag(ChangedFields.Kind) ? Next() : 0;
            count += changed.HasFlag(ChangedFields.Count) ? Next() : 0;
            other += changed.HasFlag(ChangedFields.Other) ? Next() : 0;
            if (kind == 0)
            {
                return entries;
            }

            entries.Add(new(checked((int)kind), checked((int)offset), checked((int)other), Values(InstrumentationKind.FormatOf((int)kind), count)));
        }
    }

    private long[] Values(int format, long count)
    {
        if (format == 0)
        {
            return [];
        }

        // Numbers, types and methods each have a row of differences of their own.
        ref var last = ref _last[format switch
        {
            InstrumentationKind.FourBytes or InstrumentationKind.EightBytes => InstrumentationKind.EightBytes,
            InstrumentationKind.TypeHandle or InstrumentationKind.MethodHandle => format,
            _ => throw new BenchException($"{format} is not a format of instrumentation data; expected 0 to 4"),
        }];
        var values = new long[count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = last += Next();
        }

        return values;
    }

    /// <summary>Reads a number: the lowest bit is the sign, the highest ones are the length.</summary>
    private long Next()
    {
        var first = _bytes[_at++];
        switch (first)
        {
            case < 0x80:
                return Signed(first, 6);
            case < 0xC0:
                return Signed(((first & 0x3F) << 8) | _bytes[_at++], 13);
            case EightByteNumber:
                _at += sizeof(long);
                return BinaryPrimitives.ReadInt64BigEndian(_bytes.AsSpan(_at - sizeof(long)));
            default:
                _at += sizeof(int);
                return BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(_at - sizeof(int)));
        }
    }

    private static long Signed(int number, int bits) => (number & 1) == 0 ? number >> 1 : (long)(number >> 1) - (1 << bits);
}
