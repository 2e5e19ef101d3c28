using System.Buffers.Binary;
using System.Security.Cryptography;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Tests.Addressed;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class AddAddressHmacTests
{
    // The octets of RFC 8684 section 3.4.1 one after the other; that Linux takes the result is shown by the lab tests of promotion.
    [TestCase("198.18.11.2:80", "C8C6120B020050")]
    [TestCase("[2001:db8:11::2]:443", "C820010DB800110000000000000000000201BB")]
    public void IsTheEndOfTheHash(string server, string message)
    {
        var hash = HMACSHA256.HashData(Convert.FromHexString("0102030405060708A1A2A3A4A5A6A7A8"), Convert.FromHexString(message));
        Assert.That(
            AddAddressHmac.Compute(0x0102030405060708, 0xA1A2A3A4A5A6A7A8, 200, HostEndpoint.Parse(server)),
            Is.EqualTo(BinaryPrimitives.ReadUInt64BigEndian(hash.AsSpan(24))));
    }
}
