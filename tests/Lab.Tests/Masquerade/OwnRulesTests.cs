using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;

namespace Middlebox.Lab.Tests.Masquerade;

/// <summary>The administrator's own rules are there before, during and after, to the letter.</summary>
public sealed class OwnRulesTests() : ServingLabFixture("masquerade")
{
    private string _before = "";

    protected override async Task PrepareAsync()
    {
        await base.PrepareAsync();
        _before = await HostState.RulesAsync(Box);
    }

    [Test]
    public async Task Rules_of_the_administrator_stay_as_they_are()
    {
        using (var connection = await ConnectOverBothAccessesAsync(AddressFamily.InterNetwork))
        {
            Assert.That(await HostState.RulesWithoutApplianceAsync(Box), Is.EqualTo(_before), "while it serves");
        }

        await Box.StopBoxAsync();
        Assert.That(await HostState.RulesAsync(Box), Is.EqualTo(_before), "after it has ended");
        await Box.StartBoxAsync();
        await Box.KillBoxAsync();
        Assert.That(
            await HostState.RulesWithoutApplianceAsync(Box), Is.EqualTo(_before), "after it was killed");
        await Box.StartBoxAsync();
        await Box.StopBoxAsync();
        Assert.That(await HostState.RulesAsync(Box), Is.EqualTo(_before), "after it has cleaned up");
        await Box.StartBoxAsync();
    }
}
