using System.Text;

namespace Middleware.Filtering.Cesql;

/// <summary>
/// The pattern of a LIKE or of a name. In a LIKE <c>%</c> stands for any characters, <c>_</c> for one, and a backslash before either for itself. In a
/// name <c>*</c> stands for any characters. The pattern is cut there. The pieces are looked for from left to right and never again, so a match never
/// backtracks.
/// </summary>
/// <param name="segments">The pieces; at least one.</param>
internal sealed class LikePattern(List<LikeSegment> segments)
{
    private readonly LikeSegment[] _middle = [.. segments.Skip(1).SkipLast(1).Where(static segment => !segment.IsEmpty)];
    private readonly LikeSegment _first = segments[0];

    // Null without any %: then the first segment is the whole pattern.
    private readonly LikeSegment? _last = segments.Count > 1 ? segments[^1] : null;

    public LikePattern(string pattern)
        : this(Cut(pattern))
    {
    }

    /// <summary>The pattern of a name: all characters but <c>*</c> stand for themselves, case included.</summary>
    public static LikePattern OfName(string pattern) => new([.. pattern.Split('*').Select(static piece => new LikeSegment(piece, []))]);

    /// <summary>
    /// False, with the budget spent, when a judgement would cost more: a step for each character of the value, some more for long pieces.
    /// </summary>
    public bool Matches(ReadOnlySpan<char> value, ref StepBudget budget)
    {
        var end = _first.EndAtStartOf(value, ref budget);
        if (end < 0 || _last is null)
        {
            return end == value.Length;
        }

        var rest = value[end..];
        foreach (var segment in _middle)
        {
            end = segment.EndIn(rest, ref budget);
            if (end < 0)
            {
                return false;
            }

            rest = rest[end..];
        }

        return _last.IsAtEndOf(rest, ref budget);
    }

    private static List<LikeSegment> Cut(string pattern)
    {
        List<LikeSegment> segments = [];
        var text = new StringBuilder();
        List<int> wildcards = [];
        for (var index = 0; index < pattern.Length; index++)
        {
            switch (pattern[index])
            {
                case '%':
                    segments.Add(new LikeSegment(text.ToString(), wildcards));
                    text.Clear();
                    wildcards.Clear();
                    continue;
                case '_':
                    wildcards.Add(text.Length);
                    break;
                case '\\' when index + 1 < pattern.Length && pattern[index + 1] is '%' or '_':
                    index++;
                    break;
                default:
                    break;
            }

            text.Append(pattern[index]);
        }

        segments.Add(new LikeSegment(text.ToString(), wildcards));
        return segments;
    }
}
