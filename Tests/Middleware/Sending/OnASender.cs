namespace Tests.Middleware.Sending;

/// <summary>Tests that send with a client of their own each, to a receiver that answers all with 200 unless a class has another.</summary>
public abstract class OnASender : IAsyncDisposable
{
    private readonly (string Name, string Value)[] _settings;
    private Receiver? _receiver;
    private Sender? _sender;

    /// <summary>On a clock that ends pauses at once, or on another.</summary>
    private protected OnASender(TestClock? clock = null, params (string Name, string Value)[] settings) =>
        (Clock, _settings) = (clock ?? new TestClock { Hurried = Sender.Pauses }, settings);

    private protected TestClock Clock { get; }

    private protected Receiver Receiver { get => _receiver ??= new Receiver(Receiver.Answer(200)); init => _receiver = value; }

    private protected Sender Sender => _sender ??= new Sender(Clock, _settings);

    public async ValueTask DisposeAsync()
    {
        await (_sender?.DisposeAsync() ?? default);
        await (_receiver?.DisposeAsync() ?? default);
        GC.SuppressFinalize(this);
    }
}
