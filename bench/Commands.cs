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

        if (options.Command == "cesql")
        {
            return CesqlScenario.Run(options, cancellationToken);
        }

        if (options.Command == "chaos")
        {
            return await ChaosScenario.RunAsync(options, repository);
        }

        if (options.Command == "upgrade")
        {
            return await UpgradeScenario.RunAsync(options, cancellationToken);
        }

        using var bed = await TestBed.CreateAsync(repository, options, cancellationToken);
        var neighbours = new Neighbours();
        var findings = options.Command switch
        {
            "accept" => await new AcceptScenario(bed, options).RunAsync(cancellationToken),
            "deliver" => await new DeliverScenario(bed, options).RunAsync(cancellationToken),
            "recovery" => await new RecoveryScenario(bed, options).RunAsync(cancellationToken),
            "isolation" => await new IsolationScenario(bed, options).RunAsync(cancellationToken),
            "fanout" => await new FanoutScenario(bed, options).RunAsync(cancellationToken),
            "batch" => await new BatchScenario(bed, options).RunAsync(cancellationToken),
            "order" => await new OrderScenario(bed, options).RunAsync(cancellationToken),
            "compare" => await new CompareScenario(bed, options).RunAsync(cancellationToken),
            "profile" => await new ProfileScenario(bed, options).RunAsync(cancellationToken),
            "native" => await new NativeScenario(bed, options).RunAsync(cancellationToken),
            "postgres" => await new PostgresScenario(bed, options).RunAsync(cancellationToken),
            "registry" => await new RegistryScenario(bed, options).RunAsync(cancellationToken),
            "stream" => await new StreamScenario(bed, options).RunAsync(cancellationToken),
            "console" => await new ConsoleScenario(bed, options).RunAsync(cancellationToken),
            "backlog" => await new BacklogScenario(bed, options).RunAsync(cancellationToken),
            _ when options.Telemetry => await new TelemetryScenario(bed, options).RunAsync(cancellationToken),
            _ => await new BothScenario(bed, options).RunAsync(cancellationToken),
        };
        if (neighbours.Describe() is { } note)
        {
            findings.Notes.Add(note);
        }

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
