using System.Net;
using AspireIntegration.Client;
using AspireIntegration.Console.Feedback;
using AspireIntegration.Console.Forms;
using AspireIntegration.Console.SigningIn;
using Microsoft.AspNetCore.Components;

namespace AspireIntegration.Console.Layout;

/// <summary>A page that reads and acts over the API. It shows what is refused, and asks to sign in again when a credential is no longer good.</summary>
public abstract class ConsolePage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private Fault? _faultOfAct;
    private bool _isActing;

    /// <summary>Begins a page, whose token can be read when it was left.</summary>
    protected ConsolePage() => Left = _left.Token;

    /// <summary>The person who looks at it.</summary>
    [CascadingParameter]
    public Caller Caller { get; set; } = null!;

    /// <summary>The navigation of the tab.</summary>
    [Inject]
    public NavigationManager Navigation { get; set; } = null!;

    /// <summary>The time of the service.</summary>
    [Inject]
    public TimeProvider Clock { get; set; } = null!;

    /// <summary>The API in the name of the person.</summary>
    protected AspireIntegrationClient Api => Caller.Api;

    /// <summary>The fault of the last request; null after one that succeeded.</summary>
    protected Fault? Fault { get; set; }

    /// <summary>The last action and what it did; null before one.</summary>
    protected string? Done { get; set; }

    /// <summary>Cancelled when the page is left.</summary>
    protected CancellationToken Left { get; }

    /// <summary>The reader of the conditions in the address as it is now.</summary>
    private protected AddressReader Address => new(new Uri(Navigation.Uri), GetType(), Clock.GetUtcNow());

    /// <summary>Asks the API. False when it refused, which the page then shows, or when the page was left meanwhile.</summary>
    protected async Task<bool> TryAsync(Func<Task> ask)
    {
        var (isDone, fault) = await AskAsync(ask);
        if (isDone || fault is not null)
        {
            Fault = fault;
        }

        return isDone;
    }

    /// <summary>Does an action and says what it did. False too while another is under way: the second press of two does nothing.</summary>
    protected async Task<bool> ActAsync(Func<Task<string>> act)
    {
        if (_isActing)
        {
            return false;
        }

        (Done, _isActing) = (null, true);
        var isDone = await TryAsync(async () => Done = await act());
        (_faultOfAct, _isActing) = (isDone ? null : Fault, false);
        return isDone;
    }

    /// <summary>Looks again and again until the page is left.</summary>
    protected async Task PollAsync(TimeSpan interval, Func<Task> look)
    {
        using var timer = new PeriodicTimer(interval, Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(Left))
            {
                await InvokeAsync(() => LookAsync(look));
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or ObjectDisposedException && Left.IsCancellationRequested)
        {
            // The page was left.
        }
        catch (Exception defect)
        {
            // It is shown as that of any page: a page that looks no more would show old things for new ones.
            await DispatchExceptionAsync(defect);
        }
    }

    /// <summary>Goes to the page with other parameters of its query, which stands for its state.</summary>
    protected void Show(params ReadOnlySpan<(string Name, string? Value)> query)
    {
        var parameters = new Dictionary<string, object?>();
        foreach (var (name, value) in query)
        {
            parameters[name] = string.IsNullOrEmpty(value) ? null : value;
        }

        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(parameters));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends what the page waits for.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _left.Cancel();
            _left.Dispose();
        }
    }

    /// <summary>Looks once more. The fault of an action stays until the next action; any other ends when a look succeeds.</summary>
    private async Task LookAsync(Func<Task> look)
    {
        var (isDone, fault) = await AskAsync(look);
        if ((isDone || fault is not null) && (Fault is null || !ReferenceEquals(Fault, _faultOfAct)))
        {
            Fault = fault;
        }

        StateHasChanged();
    }

    private async Task<(bool IsDone, Fault? Fault)> AskAsync(Func<Task> ask)
    {
        try
        {
            await ask();
            return (true, null);
        }
        catch (AspireIntegrationException refusal) when (refusal.StatusCode == HttpStatusCode.Unauthorized)
        {
            Navigation.NavigateTo(SignInRoutes.PageFor("/" + Navigation.ToBaseRelativePath(Navigation.Uri), "expired"), forceLoad: true);
            return (false, null);
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            // Nobody looks any more.
            return (false, null);
        }
        catch (Exception failure) when (Fault.Of(failure) is { } fault)
        {
            return (false, fault);
        }
    }
}
