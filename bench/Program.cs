using System.Diagnostics;
using System.Net;
using Bench.Load;
using Bench.Serve;
using var stop = new CancellationTokenSource();
switch (args[0])
{
    case "serve-bare": await BareServer.RunAsync(int.Parse(args[1]), stop.Token); break;
    case "receive": using (var r = new Receiver(int.Parse(args[1]))) { r.Run(stop.Token); } break;
    case "raw-deliver": await RawDeliver.RunAsync(new Uri(args[1]), int.Parse(args[2]), long.Parse(args[3]), stop.Token); break;
    case "load":
        using (var g = new LoadGenerator(IPEndPoint.Parse(args[1]), 64))
        {
            for (var i = 0; i < 4; i++)
            {
                var r = g.Run(Pace.Saturate(TimeSpan.FromSeconds(4)), default);
                Console.WriteLine($"{r.PerSecond:0} {r.Latency.GetValueAtPercentile(50)} {r.Latency.GetValueAtPercentile(99)}");
            }
            var o = g.Run(Pace.Fixed(double.Parse(args[2]), TimeSpan.FromSeconds(4)), default);
            Console.WriteLine($"open {o.PerSecond:0} {o.Latency.GetValueAtPercentile(50)} {o.Latency.GetValueAtPercentile(99)} {o.Latency.GetValueAtPercentile(99.9)} refused {o.Refused.Count} cpu {Process.GetCurrentProcess().TotalProcessorTime}");
        }
        break;
}
