using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ServiceDefaults.Settings;

namespace ServiceDefaults.Bodies;

/// <summary>Registers how bodies are read, and has routes read them before their handlers.</summary>
public static class BodyRegistration
{
    internal static IServiceCollection AddBodies(this IServiceCollection services) => services.AddSettings(BodyBudget.Read).AddBodyDecoding();

    /// <summary>
    /// Has a body of at most <paramref name="maxBytes"/> come whole before the handler reads it from memory. One that does not is answered
    /// 400, 413, 415 or 503 without the handler.
    /// </summary>
    public static RouteHandlerBuilder ReadsBody(this RouteHandlerBuilder route, int maxBytes) => route.AddEndpointFilter(async (invocation, next) =>
    {
        var context = invocation.HttpContext;
        var budget = context.RequestServices.GetRequiredService<BodyBudget>();
        using var body = await RequestBody.ReadAsync(context.Request, maxBytes, budget, context.RequestAborted);
        if (body.Fault != BodyFault.None)
        {
            return BodyProblems.Of(body.Fault, context, $"The body is larger than {maxBytes} bytes.");
        }

        try
        {
            context.Request.Body = StreamOf(body.Bytes);
            return await next(invocation);
        }
        finally
        {
            body.Free();
        }
    });

    private static MemoryStream StreamOf(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetArray(bytes, out var array)
        ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
        : new MemoryStream(bytes.ToArray());
}
