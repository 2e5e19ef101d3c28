using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Tests.Wire;

[TestFixture]
public sealed class TcpOptionReaderTests
{
    [Test]
    public void Options_AreReadInOrderWithOffsets() =>
        Assert.That(Walk([2, 4, 5, 180, 1, 3, 3, 7, 4, 2]), Is.EqualTo("0:020405B4 4:01 5:030307 8:0402"));

    [Test]
    public void EndOfList_EndsWithoutBeingRead() => Assert.That(Walk([1, 0, 2, 4, 5, 180]), Is.EqualTo("0:01"));

    [Test]
    public void Nothing_IsWellFormed() => Assert.That(Walk([]), Is.Empty);

    [TestCase("1E00", "malformed", TestName = "OptionOfLengthZero_IsMalformedAndEnds")]
    [TestCase("1E01", "malformed", TestName = "OptionOfLengthOne_IsMalformedAndEnds")]
    [TestCase("1E", "malformed", TestName = "OptionWithoutLength_IsMalformedAndEnds")]
    [TestCase("1E03", "malformed", TestName = "OptionBeyondTheEnd_IsMalformedAndEnds")]
    [TestCase("1EFF0000", "malformed", TestName = "OptionOfLength255_IsMalformedAndEnds")]
    [TestCase("01040200000000", "0:01 1:0402", TestName = "OptionsBeforeEndOfList_AreRead")]
    [TestCase("0402050005", "0:0402 malformed", TestName = "OptionsBeforeAMalformedOne_AreRead")]
    [TestCase("FD02", "0:FD02", TestName = "OptionOfLengthTwo_IsRead")]
    public void Octets(string hex, string expected) =>
        Assert.That(Walk(Convert.FromHexString(hex)), Is.EqualTo(expected));

    [Test]
    public void MoveNext_AfterTheEnd_StaysFalse()
    {
        var reader = new TcpOptionReader([1, 0, 1]);
        Assert.That(reader.MoveNext(), Is.True);
        for (var i = 0; i < 3; i++)
            Assert.That(reader.MoveNext(), Is.False);

        var malformed = new TcpOptionReader([5, 0, 1, 1]);
        for (var i = 0; i < 3; i++)
            Assert.That(malformed.MoveNext(), Is.False);
        Assert.That(malformed.Malformed, Is.True);
    }

    private static string Walk(byte[] options)
    {
        var parts = new List<string>();
        var reader = new TcpOptionReader(options);
        while (reader.MoveNext())
        {
            Assert.That((byte)reader.Kind, Is.EqualTo(reader.Bytes[0]));
            parts.Add($"{reader.Offset}:{Convert.ToHexString(reader.Bytes)}");
        }

        if (reader.Malformed)
            parts.Add("malformed");
        return string.Join(' ', parts);
    }
}
