using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Lab.Tests.Explicit;

/// <summary>
/// Claims that a hostile host or network puts into SYNs: they count as absent and are taken out, the box claims the connection itself,
/// and it works.
/// </summary>
public sealed class RejectedClaimTests() : ServingLabFixture("one-explicit")
{
    private const byte Preference = 7;
    private const ushort ForeignProxy = 99;

    /// <summary>Makes an option of a SYN and the box's key.</summary>
    public delegate byte[] Forgery(in TcpPacket syn, byte[] key);

    private static readonly (string Name, Forgery Claim)[] Forgeries =
    [
        ("with_a_guessed_tag", (in syn, _) => SignedClaim.For(in syn, new byte[32], 1, ForeignProxy, Preference)),
        ("with_a_key_that_is_not_there", (in syn, key) => SignedClaim.For(in syn, key, 2, ForeignProxy, Preference)),
        ("with_a_preference_that_was_raised", (in syn, key) => Changed(SignedClaim.For(in syn, key, 1, ForeignProxy, 1), 2, 0xF8 | Preference)),
        ("of_another_proxy", (in syn, key) => Changed(SignedClaim.For(in syn, key, 1, ForeignProxy, Preference), 5, 98)),
        ("of_another_version", (in syn, key) => Changed(SignedClaim.For(in syn, key, 1, ForeignProxy, Preference), 3, 0x41)),
        ("without_a_tag", (in _, _) => [30, 6, 0xF8 | Preference, 0, 0, (byte)ForeignProxy]),
        ("cut_off_in_its_tag", (in syn, key) => Cut(SignedClaim.For(in syn, key, 1, ForeignProxy, Preference), 13)),
        ("cut_off_in_its_proxy_id", (in _, _) => [30, 5, 0xF8 | Preference, 1, 0]),
        ("cut_off_after_its_flags", (in _, _) => [30, 3, 0xF8 | Preference]),
    ];

    private static IEnumerable<TestCaseData> Cases() =>
        from forgery in Forgeries
        from family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 }
        select new TestCaseData(family, forgery.Claim).SetName($"Claim_{forgery.Name}_is_rejected({family})");

    [TestCaseSource(nameof(Cases))]
    public async Task Claim_is_rejected(AddressFamily family, Forgery forgery)
    {
        var key = SignedClaim.KeyOf(Lab, 1);
        await using var change = await SegmentChange.OfSentSynsAsync(Client, (buffer, length) => Append(buffer, length, (in syn) => forgery(in syn, key)));

        await AssertRejectedAsync(family);
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Claim_of_another_connection_is_rejected(AddressFamily family)
    {
        // The box's own claim, as it arrives at the server, put into the next connection's SYN.
        byte[] overheard;
        using (var capture = new HandshakeCapture(Legacy))
        using (var connection = await ConnectAsync(family))
            overheard = (await capture.SynAsync(connection.ClientAddress.Port, Deadline)).Claim;
        Assert.That(overheard, Has.Length.EqualTo(SignedClaim.SynLength));
        await IdleAsync();
        await using var change = await SegmentChange.OfSentSynsAsync(Client, (buffer, length) => Append(buffer, length, (in _) => overheard));

        await AssertRejectedAsync(family);
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Claim_that_is_right_is_respected(AddressFamily family)
    {
        var key = SignedClaim.KeyOf(Lab, 1);
        var before = await IdleAsync();
        await using var change = await SegmentChange.OfSentSynsAsync(
            Client, (buffer, length) => Append(buffer, length, (in syn) => SignedClaim.For(in syn, key, 1, ForeignProxy, Preference)));
        using var capture = new HandshakeCapture(Legacy);

        using var connection = await ConnectAsync(family);
        await connection.GreetAsync(Deadline);

        var after = await Box.StatusAsync(Deadline);
        Assert.That(after.Bypassed("claimedByOther") - before.Bypassed("claimedByOther"), Is.EqualTo(1));
        Assert.That(after.ContextsCreated, Is.EqualTo(before.ContextsCreated));
        var syn = await capture.SynAsync(connection.ClientAddress.Port, Deadline);
        Assert.That((syn.Claim.Length, syn.Claim[5]), Is.EqualTo((SignedClaim.SynLength, (byte)ForeignProxy)));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task SYN_without_room_for_a_claim_is_served_by_the_implicit_scheme(AddressFamily family)
    {
        var before = await IdleAsync();
        await using var change = await SegmentChange.OfSentSynsAsync(
            Client, (buffer, length) => Append(buffer, length, (in _) => [254, 4, 0x12, 0x34]));
        using var capture = new HandshakeCapture(Legacy);

        using var connection = await ConnectAsync(family);
        await connection.GreetAsync(Deadline);

        var flow = await FlowAsync(subflows: 2);
        Assert.That((flow.IsMptcp, flow.Claim), Is.EqualTo((true, ((int, int)?)null)));
        var after = await Box.StatusAsync(Deadline);
        Assert.That(after.Claims("noRoomForClaim") - before.Claims("noRoomForClaim"), Is.EqualTo(1));
        Assert.That((await capture.SynAsync(connection.ClientAddress.Port, Deadline)).Claim, Is.Empty);
    }

    private async Task AssertRejectedAsync(AddressFamily family)
    {
        var before = await IdleAsync();
        using var capture = new HandshakeCapture(Legacy);

        using var connection = await ConnectOverBothAccessesAsync(family);

        var flow = await FlowAsync(subflows: 2);
        Assert.That(flow.Claim, Is.EqualTo(((int, int)?)(1, 4)));
        var after = await Box.StatusAsync(Deadline);
        Assert.That(after.Claims("claimRejected") - before.Claims("claimRejected"), Is.EqualTo(1));
        Assert.That(after.Claims("claimed") - before.Claims("claimed"), Is.EqualTo(1));
        var syn = await capture.SynAsync(connection.ClientAddress.Port, Deadline);
        Assert.That(syn.Claim, Has.Length.EqualTo(SignedClaim.SynLength));
        Assert.That(syn.Claim[4..6], Is.EqualTo(new byte[] { 0, 1 }), "the box's own claim");
    }

    /// <summary>Makes an option of a SYN.</summary>
    private delegate byte[] OptionOf(in TcpPacket syn);

    private static int Append(Span<byte> buffer, int length, OptionOf option)
    {
        // A join of the second access is none of these tests' business.
        if (TcpPacket.Read(buffer[..length], out var syn) != PacketDefect.None
            || HandshakeOptions.Read(syn.Options).MpCapable != MpCapableKind.Version1)
            return length;
        _ = TcpPacketEditor.TryAppendOption(buffer, length, syn.TcpOffset, option(in syn), out var newLength);
        return newLength;
    }

    private static byte[] Changed(byte[] claim, int offset, byte value)
    {
        claim[offset] = value;
        return claim;
    }

    private static byte[] Cut(byte[] claim, int length)
    {
        var cut = claim[..length];
        cut[1] = (byte)length;
        return cut;
    }
}
