using Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

namespace Middlebox.Lab.Tests.Mobility;

[Parallelizable(ParallelScope.All)]
public sealed class StreamLoadTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    [Test]
    public void Pieces_InTime_PictureNeverStands() =>
        Assert.That(StreamLoad.StoodStill([.. Enumerable.Range(0, 300).Select(i => TimeSpan.FromSeconds(i / 10.0))], Duration), Is.EqualTo(TimeSpan.Zero));

    [Test]
    public void Gap_LongerThanTheBuffer_PictureStandsForTheRest()
    {
        // From 10 s on nothing for 5 s, then all at once.
        var arrivals = Enumerable.Range(0, 300).Select(i => TimeSpan.FromSeconds(i / 10.0 is >= 10 and < 15 ? 15 : i / 10.0));

        Assert.That(StreamLoad.StoodStill([.. arrivals], Duration).TotalSeconds, Is.EqualTo(3).Within(0.001));
    }

    [Test]
    public void Nothing_Comes_PictureStandsFromTheBufferOn() =>
        Assert.That(StreamLoad.StoodStill([], Duration), Is.EqualTo(TimeSpan.FromSeconds(28)));
}
