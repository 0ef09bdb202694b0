using System.Globalization;
using System.Text;

namespace Tests.Middleware.Http.Contract.Fuzz;

/// <summary>
/// Makes texts that meet a regular expression of a contract: literals, classes, groups, alternatives, quantifiers and anchors at the ends.
/// Without an anchor anything may stand around it.
/// </summary>
internal sealed class PatternText
{
    private const int MostRepeats = 6;
    private const string Visible = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'()*+,-./:;<=>?@[]^_`{|}~";

    private readonly Random _random;
    private readonly string _pattern;
    private int _at;

    private PatternText(string pattern, Random random) => (_pattern, _random) = (pattern, random);

    public static string Make(string pattern, Random random)
    {
        var (starts, ends) = (pattern.StartsWith('^'), pattern.EndsWith('$'));
        var core = new PatternText(pattern[(starts ? 1 : 0)..(ends ? ^1 : ^0)], random).Alternatives();
        return (starts ? "" : Around(random)) + core + (ends ? "" : Around(random));
    }

    private static string Around(Random random) => string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => Visible[random.Next(62)]));

    private string Alternatives()
    {
        List<string> all = [Sequence()];
        while (Next('|'))
        {
            all.Add(Sequence());
        }

        return all[_random.Next(all.Count)];
    }

    private string Sequence()
    {
        var made = new StringBuilder();
        while (_at < _pattern.Length && _pattern[_at] is not ('|' or ')'))
        {
            var from = _at;
            var first = Atom();
            var count = Repeats();
            var behind = _at;
            for (var number = 0; number < count; number++)
            {
                // Each time anew, so that [0-9]{3} is not always one digit three times.
                _at = from;
                made.Append(number == 0 ? first : Atom());
            }

            _at = behind;
        }

        return made.ToString();
    }

    private string Atom()
    {
        var character = _pattern[_at++];
        switch (character)
        {
            case '(':
                var group = Alternatives();
                _at++;
                return group;
            case '[':
                return Class();
            case '.':
                return $"{Visible[_random.Next(Visible.Length)]}";
            case '\\':
                return _pattern[_at++] switch
                {
                    'S' => $"{Visible[_random.Next(Visible.Length)]}",
                    var escaped when !char.IsLetterOrDigit(escaped) => $"{escaped}",
                    var other => throw new NotSupportedException($"\\{other} in {_pattern}"),
                };
            default:
                return $"{character}";
        }
    }

    private string Class()
    {
        var all = new StringBuilder();
        while (_pattern[_at] != ']')
        {
            var first = _pattern[_at++];
            if (first == '\\')
            {
                first = _pattern[_at++];
            }

            if (_pattern[_at] == '-' && _pattern[_at + 1] != ']')
            {
                for (var character = first; character <= _pattern[_at + 1]; character++)
                {
                    all.Append(character);
                }

                _at += 2;
            }
            else
            {
                all.Append(first);
            }
        }

        _at++;
        return $"{all[_random.Next(all.Length)]}";
    }

    private int Repeats()
    {
        if (Next('?'))
        {
            return _random.Next(2);
        }

        if (Next('*'))
        {
            return _random.Next(MostRepeats);
        }

        if (Next('+'))
        {
            return 1 + _random.Next(MostRepeats);
        }

        if (!Next('{'))
        {
            return 1;
        }

        var end = _pattern.IndexOf('}', _at);
        var bounds = _pattern[_at..end].Split(',').Select(static bound => int.Parse(bound, CultureInfo.InvariantCulture)).ToArray();
        _at = end + 1;
        return _random.Next(bounds[0], bounds[^1] + 1);
    }

    private bool Next(char wanted)
    {
        var isThere = _at < _pattern.Length && _pattern[_at] == wanted;
        _at += isThere ? 1 : 0;
        return isThere;
    }
}
