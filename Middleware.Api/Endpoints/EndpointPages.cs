using System.Buffers.Text;
using System.Text;
using Middleware.Http;

namespace Middleware.Endpoints;

/// <summary>The pages of the list of endpoints. A cursor is base64url of the list's mark, the origin and the id of an endpoint.</summary>
internal static class EndpointPages
{
    private const byte Mark = (byte)'p';

    /// <summary>The beginning and the size of a page of the list of endpoints.</summary>
    public static (EndpointPlace? After, int Limit) EndpointPage(this RequestReader query)
    {
        EndpointPlace? after = null;
        if (query.CursorText() is { } cursor)
        {
            after = TryRead(cursor, out var place) ? place : null;
            if (after is null)
            {
                query.RefuseCursor();
            }
        }

        return (after, query.Limit());
    }

    /// <summary>A place in the list of endpoints: its mark, the origin and the id.</summary>
    public static string CursorOf(EndpointPlace place) => Base64Url.EncodeToString([Mark, (byte)place.Origin, .. Encoding.UTF8.GetBytes(place.Id)]);

    /// <summary>False for a text that <see cref="CursorOf"/> did not write.</summary>
    private static bool TryRead(string text, out EndpointPlace place)
    {
        place = default;
        if (!Base64Url.IsValid(text) || Base64Url.DecodeFromChars(text) is not [Mark, var origin, .. var id] || !Enum.IsDefined((EndpointOrigin)origin))
        {
            return false;
        }

        place = new EndpointPlace((EndpointOrigin)origin, Encoding.UTF8.GetString(id));
        return true;
    }
}
