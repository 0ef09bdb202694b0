using Bench.Capacity;
using Bench.Scenarios;

namespace Bench;

/// <summary>The command <c>plan</c>: prints the machines, disks and replicas of a load, or measures the figures that it needs for that.</summary>
internal static class PlanCommand
{
    private const string Title = "plan";

    /// <summary>0: all went well; 1: a prediction was wrong, or events were lost; 2: not understood.</summary>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        if (PlanOptions.Parse(args, out var fault) is not { } options)
        {
            await Console.Error.WriteLineAsync($"bench: {fault}\n{PlanOptions.Usage}");
            return 2;
        }

        var repository = Repository.Find();
        return options.Mode == PlanMode.Plan ? Plan(options, repository.Output) : await MeasureAsync(options, repository, cancellationToken);
    }

    private static int Plan(PlanOptions options, string folder)
    {
        var figures = Calibration.Load(folder, options.Load.Store) ?? MeasuredFigures.Of(options.Load.Store);
        var lines = new PlanLines(options.Load, figures, Machine.FlushMicroseconds(options.Disk ?? folder));
        Table.Write(Console.Out, [["", "need", "made up of"], .. lines.All().Select(static line => (string[])[line.Name, line.Need, line.Parts])], numbers: 1);
        Console.WriteLine();
        Console.WriteLine($"- figures: {figures.Measured}");
        foreach (var warning in lines.Warnings())
        {
            Console.WriteLine($"- LIMIT: {warning}");
        }

        return 0;
    }

    private static async Task<int> MeasureAsync(PlanOptions options, Repository repository, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new BenchException("plan --calibrate and plan --check need Linux");
        }

        var machine = Machine.Describe(repository.Output);
        Console.WriteLine(machine);
        using var bed = await TestBed.CreateAsync(repository, new Options { Command = Title, Sqlite = true, Native = options.Native }, cancellationToken);
        var neighbours = new Neighbours();
        var findings = new Findings();
        var figures = await new PlanScenario(bed, options, $"{(options.Native ? "native code" : "JIT")}, {machine}", findings).RunAsync(cancellationToken);
        findings.Notes.AddRange(neighbours.Describe());
        figures.Save(repository.Output);
        findings.Notes.Add($"figures kept in {Path.GetRelativePath(Environment.CurrentDirectory, Calibration.FileIn(repository.Output, figures.Store))}");
        Table.WriteNotes(Console.Out, findings);
        return findings.Problems.Count > 0 || findings.Missed.Any() ? 1 : 0;
    }
}
