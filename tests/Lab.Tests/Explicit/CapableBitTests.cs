using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Topologies;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Lab.Tests.Explicit;

/// <summary>
/// The draft's own carrier of P, bit B of MP_CAPABLE. Stock hosts ignore an MP_CAPABLE with it: that is its limit. Hosts that know
/// it, and a box that takes the bit out, make it work.
/// </summary>
public sealed class CapableBitTests() : ServingLabFixture("two-explicit")
{
    private static readonly Dictionary<string, string> BitOfAnybody = new()
    {
        ["Middlebox:Explicit:Carrier"] = "CapableBit",
        ["Middlebox:Explicit:AcceptUnsigned"] = "true",
    };

    protected override LabHost Box => Lab["p1"];

    private LabHost Capable => Lab["capable"];

    // The first box uses the bit. The second one knows it, but takes only signed claims: it clears the bit.
    protected override Topology Adapt(Topology shipped) => shipped with
    {
        Boxes = [.. shipped.Boxes.Select((box, i) => i == 0 ? box.WithSettings(BitOfAnybody) : box)],
    };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Stock_capable_server_falls_back_to_TCP_and_the_box_acts(AddressFamily family)
    {
        await Lab["p2"].StopBoxAsync(Deadline);
        try
        {
            var before = await IdleAsync();
            await using var client = await BeAwareAsync();
            using var capture = new HandshakeCapture(Capable);
            using var connection = await ConnectAsync(family, "capable");
            await connection.GreetAsync(Deadline);

            Assert.That((await capture.SynAsync(connection.ClientAddress.Port, Deadline)).HasClaimBit, Is.True);
            var flow = await FlowAsync(subflows: 2);
            Assert.That((flow.IsMptcp, flow.Reason), Is.EqualTo((true, "serverLegacy")));
            Assert.That((await Box.StatusAsync(Deadline)).TotalFlows - before.TotalFlows, Is.EqualTo(1));
        }
        finally
        {
            await Lab["p2"].StartBoxAsync(Deadline);
        }
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Stock_client_falls_back_to_TCP_when_the_box_acts(AddressFamily family)
    {
        await Lab["p2"].StopBoxAsync(Deadline);
        try
        {
            using var capture = new HandshakeCapture(Client);
            using var connection = await ConnectAsync(family);
            await connection.GreetAsync(Deadline);

            Assert.That((await capture.SynAckAsync(connection.ClientAddress.Port, Deadline)).HasClaimBit, Is.True);
            Assert.That((await Box.FlowsAsync(Deadline)).Single().IsMptcp, Is.False);
        }
        finally
        {
            await Lab["p2"].StartBoxAsync(Deadline);
        }
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Aware_client_and_legacy_server_the_box_acts_and_the_client_joins(AddressFamily family)
    {
        await Lab["p2"].StopBoxAsync(Deadline);
        try
        {
            await using var client = await BeAwareAsync();
            using var connection = await ConnectOverBothAccessesAsync(family);
            var flow = await FlowAsync(subflows: 2);
            Assert.That((flow.IsMptcp, flow.Claim), Is.EqualTo((true, ((int, int)?)(1, 4))));
        }
        finally
        {
            await Lab["p2"].StartBoxAsync(Deadline);
        }
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task A_box_that_clears_the_bit_keeps_stock_capable_peers_end_to_end(AddressFamily family)
    {
        var (first, last) = (await IdleAsync(), await IdleAsync(Lab["p2"]));
        var joins = Capable.Counter("MPTcpExtMPJoinAckRx");
        using var capture = new HandshakeCapture(Capable);
        using var connection = await ConnectAsync(family, "capable");
        await connection.GreetAsync(Deadline);

        var syn = await capture.SynAsync(connection.ClientAddress.Port, Deadline);
        Assert.That((syn.HasMpCapable, syn.HasClaimBit, syn.Claim.Length), Is.EqualTo((true, false, SignedClaim.SynLength)));
        await Condition.WaitAsync(
            () => Capable.Counter("MPTcpExtMPJoinAckRx") == joins + 1, Patience, "the second access joins", Deadline);
        var (firstAfter, lastAfter) = (await IdleAsync(), await IdleAsync(Lab["p2"]));
        Assert.That(lastAfter.Claims("claimRejected") - last.Claims("claimRejected"), Is.EqualTo(1));
        Assert.That(firstAfter.Released("serverCapable") - first.Released("serverCapable"), Is.EqualTo(1));
        Assert.That(firstAfter.TotalFlows + lastAfter.TotalFlows, Is.EqualTo(first.TotalFlows + last.TotalFlows));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task A_box_that_clears_the_bit_acts_itself_for_a_legacy_server(AddressFamily family)
    {
        var (first, last) = (await IdleAsync(), await IdleAsync(Lab["p2"]));
        using var connection = await ConnectAsync(family);
        await connection.GreetAsync(Deadline);

        var firstAfter = await IdleAsync();
        var lastAfter = await Lab["p2"].StatusAsync(Deadline);
        Assert.That(firstAfter.TotalFlows, Is.EqualTo(first.TotalFlows));
        Assert.That(lastAfter.TotalFlows - last.TotalFlows, Is.EqualTo(1));
    }

    /// <summary>Lets the client do what a P-aware host does: take the bit out of SYN/ACKs before its kernel sees them.</summary>
    private Task<SegmentChange> BeAwareAsync() => SegmentChange.OfReceivedSynAcksAsync(Client, static (buffer, length) =>
    {
        if (TcpPacket.Read(buffer[..length], out var synAck) != PacketDefect.None)
            return length;
        var options = HandshakeOptions.Read(synAck.Options);
        if ((options.MpCapableFlags & MpCapableFlags.Extensibility) == 0)
            return length;
        TcpPacketEditor.PatchByte(
            buffer[..length],
            synAck.TcpOffset,
            TcpConstants.MinimumHeaderLength + options.MpCapableOffset + MptcpConstants.CapableFlagsOffset,
            (byte)(options.MpCapableFlags & ~MpCapableFlags.Extensibility));
        return length;
    });
}
