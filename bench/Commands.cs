using System.Globalization;
using System.Net.Sockets;
using Bench.Scenarios;
using Bench.Serve;

namespace Bench;

/// <summary>The commands of the program. Those that measure nothing are its own child processes.</summary>
internal static class Commands
{
    /// <summary>0: all went well; 1: events were lost, errors came, or (with --check) a bar was missed; 2: not understood.</summary>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        try
        {
            switch (args)
            {
                case ["serve-bare", var port]:
                    await BareServer.RunAsync(Number(port), cancellationToken);
                    return 0;
                case ["receive", var port]:
                    Receive(Number(port), cancellationToken);
                    return 0;
                case ["collect", var port]:
                    await CollectorSink.RunAsync(Number(port), cancellationToken);
                    return 0;
                case ["raw-deliver", var target, var workers, var events]:
                    await RawDeliver.RunAsync(new Uri(target), Number(workers), Number(events), cancellationToken);
                    return 0;
                case ["plan", .. var rest]:
                    return await PlanCommand.RunAsync(rest, cancellationToken);
                default:
                    return await MeasureAsync(args, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("bench: stopped");
            return 1;
        }
        catch (Exception exception) when (exception is BenchException or HttpRequestException or SocketException)
        {
            await Console.Error.WriteLineAsync($"bench: {exception.Message}");
            return 1;
        }
    }

    private static async Task<int> MeasureAsync(string[] args, CancellationToken cancellationToken)
    {
        if (Options.Parse(args, out var fault) is not { } options)
        {
            await Console.Error.WriteLineAsync($"bench: {fault}\n{Options.Usage}");
            return 2;
        }

        if (OperatingSystem.IsWindows())
        {
            throw new BenchException("this needs Linux or macOS");
        }

        var repository = Repository.Find();
        var machine = Machine.Describe(repository.Output);
        Console.WriteLine(machine);

        switch (options.Command)
        {
            case "cesql":
                return CesqlScenario.Run(options, cancellationToken);
            case "chaos":
                return await ChaosScenario.RunAsync(options, repository);
            case "upgrade":
                return await UpgradeScenario.RunAsync(options, cancellationToken);
        }

        using var bed = await TestBed.CreateAsync(repository, options, cancellationToken);
        var neighbours = new Neighbours();
        var findings = new Findings();
        await (options.Command switch
        {
            "accept" => new AcceptScenario(bed, options, findings).RunAsync(cancellationToken),
            "deliver" => new DeliverScenario(bed, options, findings).RunAsync(cancellationToken),
            "recovery" => new RecoveryScenario(bed, options, findings).RunAsync(cancellationToken),
            "isolation" => new IsolationScenario(bed, options, findings).RunAsync(cancellationToken),
            "fanout" => new FanoutScenario(bed, options, findings).RunAsync(cancellationToken),
            "batch" => new BatchScenario(bed, options, findings).RunAsync(cancellationToken),
            "order" => new OrderScenario(bed, options, findings).RunAsync(cancellationToken),
            "compare" => new CompareScenario(bed, options, findings).RunAsync(cancellationToken),
            "profile" => new ProfileScenario(bed, options, findings).RunAsync(cancellationToken),
            "native" => new NativeScenario(bed, options, findings).RunAsync(cancellationToken),
            "postgres" => new PostgresScenario(bed, options, findings).RunAsync(cancellationToken),
            "registry" => new RegistryScenario(bed, options, findings).RunAsync(cancellationToken),
            "stream" => new StreamScenario(bed, options, findings).RunAsync(cancellationToken),
            "console" => new ConsoleScenario(bed, options, findings).RunAsync(cancellationToken),
            "backlog" => new BacklogScenario(bed, options, findings).RunAsync(cancellationToken),
            _ when options.Telemetry => new TelemetryScenario(bed, options, findings).RunAsync(cancellationToken),
            _ => new BothScenario(bed, options, findings).RunAsync(cancellationToken),
        });
        findings.Notes.AddRange(neighbours.Describe());
        Table.Write(Console.Out, findings);
        ResultFiles.Write(repository.Output, options.Title, machine, findings);
        return findings.Problems.Count > 0 || (options.Check && findings.Missed.Any()) ? 1 : 0;
    }

    private static void Receive(int port, CancellationToken cancellationToken)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var receiver = new Receiver(port);
        _ = Parent.GoneAsync(cancellationToken).ContinueWith(_ => gone.Cancel(), TaskScheduler.Default);
        receiver.Run(gone.Token);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
