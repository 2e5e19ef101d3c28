using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Policy;

namespace Middlebox.Negotiation.Tests.Policy;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class PortSetTests
{
    [TestCase("80", new[] { 80 }, new[] { 0, 79, 81, 65535 })]
    [TestCase("80,443", new[] { 80, 443 }, new[] { 79, 81, 442, 444 })]
    [TestCase("8000-8002", new[] { 8000, 8001, 8002 }, new[] { 7999, 8003 })]
    [TestCase("80, 443 , 8000-8999", new[] { 80, 443, 8000, 8500, 8999 }, new[] { 7999, 9000 })]
    [TestCase(" 80 - 81 ", new[] { 80, 81 }, new[] { 82 })]
    [TestCase("80-80", new[] { 80 }, new[] { 79, 81 })]
    [TestCase("80,80,79-81", new[] { 79, 80, 81 }, new[] { 78, 82 })]
    [TestCase("1-65535", new[] { 1, 63, 64, 65535 }, new[] { 0 })]
    [TestCase("65535", new[] { 65535 }, new[] { 65534, 0 })]
    [TestCase("any", new[] { 0, 1, 80, 65535 }, new int[0])]
    [TestCase("ANY", new[] { 80 }, new int[0])]
    [TestCase(" any ", new[] { 80 }, new int[0])]
    public void GoodText_IsThatSet(string text, int[] contained, int[] others)
    {
        Assert.That(PortSet.TryParse(text, out var ports), Is.True);
        Assert.That(contained, Has.All.Matches<int>(port => ports.Contains(new PortNumber((ushort)port))));
        Assert.That(others, Has.None.Matches<int>(port => ports.Contains(new PortNumber((ushort)port))));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("  ")]
    [TestCase("0")]
    [TestCase("0-80")]
    [TestCase("65536")]
    [TestCase("80-65536")]
    [TestCase("81-80")]
    [TestCase("-80")]
    [TestCase("80-")]
    [TestCase("-")]
    [TestCase("80-81-82")]
    [TestCase("80,")]
    [TestCase(",80")]
    [TestCase("80,,443")]
    [TestCase("80;443")]
    [TestCase("80 443")]
    [TestCase("http")]
    [TestCase("80,any")]
    [TestCase("+80")]
    [TestCase("8_0")]
    [TestCase("0x50")]
    [TestCase("80.0")]
    public void BadText_IsRefused(string? text)
    {
        Assert.That(PortSet.TryParse(text, out _), Is.False);
        if (text is not null)
            Assert.That(() => PortSet.Parse(text), Throws.InstanceOf<FormatException>().With.Message.Contains(text));
    }
}
