using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers.Clr;

namespace Bench.Profile;

/// <summary>A type of a traced process: its module, its definition there, and the types it is made of.</summary>
internal sealed record TracedType(long Module, int Token, TypeFlags Flags, byte ElementType, long[] Parameters)
{
    private const int RankShift = 8;
    private const int RankMask = 0x3F;

    public bool IsArray => Flags.HasFlag(TypeFlags.Array);

    public int Rank => ((int)Flags >> RankShift) & RankMask;
}

/// <summary>A method of a traced process: its type, its definition there, and the types it is made of.</summary>
internal sealed record TracedMethod(long Type, int Token, long[] Parameters);

/// <summary>The modules, types and methods of a traced process by their ids, and the instrumentation data of its methods.</summary>
internal sealed class ProfileTrace
{
    private const uint LastChunk = 0x8000_0000;

    private readonly Dictionary<long, MemoryStream> _chunks = [];

    /// <summary>The files of the modules.</summary>
    public Dictionary<long, string> Modules { get; } = [];

    public Dictionary<long, TracedType> Types { get; } = [];

    public Dictionary<long, TracedMethod> Methods { get; } = [];

    public Dictionary<long, byte[]> Data { get; } = [];

    /// <summary>Reads a trace. It must be whole and have instrumentation data.</summary>
    public static ProfileTrace Read(string path)
    {
        var trace = new ProfileTrace();
        using var source = new EventPipeEventSource(path);
        source.Clr.LoaderModuleLoad += trace.Add;
        source.Clr.LoaderModuleDCStartV2 += trace.Add;
        source.Clr.LoaderModuleDCStopV2 += trace.Add;
        source.Clr.LoaderDomainModuleLoad += module => trace.Modules[module.ModuleID] = module.ModuleILPath;
        source.Clr.TypeBulkType += trace.Add;
        source.Clr.MethodMethodDetails += trace.Add;
        source.Clr.JitInstrumentationDataVerboseInstrumentationData += chunk => trace.Add(chunk.MethodID, chunk.MethodFlags, chunk.Data);
        source.Clr.JitInstrumentationDataInstrumentationData += chunk => trace.Add(chunk.MethodID, chunk.MethodFlags, chunk.Data);
        source.Process();
        if (source.EventsLost > 0)
        {
            throw new BenchException($"{path} has lost {source.EventsLost} events; expected a trace of all");
        }

        return trace.Data.Count > 0 ? trace : throw new BenchException($"{path} has no instrumentation data; expected that of a process with tiered PGO");
    }

    private void Add(ModuleLoadUnloadTraceData module) => Modules[module.ModuleID] = module.ModuleILPath;

    private void Add(GCBulkTypeTraceData types)
    {
        for (var i = 0; i < types.Count; i++)
        {
            var type = types.Values(i);
            var parameters = new long[type.TypeParameterCount];
            for (var n = 0; n < parameters.Length; n++)
            {
                parameters[n] = (long)type.TypeParameterID(n);
            }

            Types.TryAdd((long)type.TypeID, new((long)type.ModuleID, type.TypeNameID, type.Flags, type.CorElementType, parameters));
        }
    }

    private void Add(MethodDetailsTraceData method)
    {
        var parameters = new long[method.TypeParameterCount];
        for (var i = 0; i < parameters.Length; i++)
        {
            parameters[i] = method.TypeParameters(i);
        }

        Methods.TryAdd(method.MethodID, new(method.TypeID, method.MethodToken, parameters));
    }

    private void Add(long method, int flags, byte[] data)
    {
        var chunks = _chunks.Once(method, static () => new MemoryStream());
        chunks.Write(data);
        if (((uint)flags & LastChunk) != 0)
        {
            Data[method] = chunks.ToArray();
            _chunks.Remove(method);
        }
    }
}
