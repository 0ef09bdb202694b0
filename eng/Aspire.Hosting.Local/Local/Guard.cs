using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.Local;

/// <summary>
/// A shell beside each process that holds the other end of a pipe from here. When the pipe closes, because this process
/// stops the other or because it is gone itself, even by SIGKILL, the guard sends SIGTERM and later SIGKILL.
/// </summary>
internal static class Guard
{
    // $$ is the shell's own id also within the parentheses, and so the id of the process that it becomes. A line on the
    // pipe tells the guard that the process has ended, and that its id may by now be another's.
    private const string Script = """
        tenths=$1
        shift
        exec 3<&0
        (
          trap '' INT TERM HUP
          read -r ended <&3 && exit 0
          kill -TERM $$
          while [ "$tenths" -gt 0 ] && kill -0 $$; do
            sleep 0.1
            tenths=$((tenths - 1))
          done
          kill -KILL $$
        ) >/dev/null 2>&1 &
        exec 3<&- </dev/null
        exec env "$@"
        """;

    public static ProcessStartInfo Around(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, TimeSpan grace)
    {
        // A shell drops variables that it cannot have itself, such as services__external-alerts__http__0; env sets them.
        var unfit = environment.Where(variable => !variable.Key.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_'));
        return new ProcessStartInfo("/bin/sh",
        [
            "-c",
            Script,
            "guard",
            ((int)(grace.TotalSeconds * 10)).ToString(CultureInfo.InvariantCulture),
            .. unfit.Select(variable => $"{variable.Key}={variable.Value}"),
            .. command,
        ]);
    }

    public static void LetGo(StreamWriter pipe, bool stop)
    {
        try
        {
            if (!stop)
            {
                pipe.WriteLine();
            }

            pipe.Close();
        }
        catch (IOException)
        {
            // The guard has gone before: there is nobody left to tell.
        }
    }
}
