using Microsoft.Playwright;

namespace Tests.Console.Operating;

/// <summary>An operator's hand, on the mouse or on the keyboard alone.</summary>
internal sealed class Hand(IPage page, bool hasMouse)
{
    // More than any page has.
    private const int MostTabs = 500;

    /// <summary>Presses a button, or follows a link.</summary>
    public async Task PressAsync(ILocator target)
    {
        await target.WaitForAsync();
        if (hasMouse)
        {
            await target.ClickAsync();
        }
        else
        {
            await ReachAsync(target);
            await page.Keyboard.PressAsync("Enter");
        }
    }

    /// <summary>Writes into a field, in the place of what is there.</summary>
    public async Task WriteAsync(ILocator field, string text)
    {
        await field.WaitForAsync();
        if (hasMouse)
        {
            await field.FillAsync(text);
        }
        else
        {
            await ReachAsync(field);
            await page.Keyboard.PressAsync("Control+A");
            await page.Keyboard.TypeAsync(text);
        }
    }

    /// <summary>Goes to a page of the navigation, by its letter where there is no mouse.</summary>
    public async Task GoAsync(string name, string letter)
    {
        if (hasMouse)
        {
            await page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).ClickAsync();
        }
        else
        {
            await page.Keyboard.PressAsync("Escape");
            await page.Keyboard.PressAsync(letter);
        }

        await page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true, Level = 1 }).WaitForAsync();
    }

    /// <summary>Moves the focus forward until it is there: what cannot be reached so is out of reach for many.</summary>
    private async Task ReachAsync(ILocator target)
    {
        for (var presses = 0; presses < MostTabs; presses++)
        {
            if (await target.First.EvaluateAsync<bool>("target => target === document.activeElement"))
            {
                return;
            }

            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"Tab does not reach {target}.");
    }
}
