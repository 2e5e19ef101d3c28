using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Explicit;

/// <summary>Stock Linux peers and claims in the option of their own: they are not disturbed, and the box that claimed acts.</summary>
public sealed class ClaimedConnectionTests() : ServingLabFixture("two-explicit")
{
    private const long Amount = 5_000_000;

    protected override LabHost Box => Lab["p1"];

    private LabHost Behind => Lab["p2"];

    private LabHost Capable => Lab["capable"];

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Capable_peers_stay_end_to_end_and_join_with_a_claim_in_the_SYN(AddressFamily family)
    {
        var (before, behindBefore) = (await Box.StatusAsync(Deadline), await Behind.StatusAsync(Deadline));
        var joins = Capable.Counter("MPTcpExtMPJoinAckRx");
        using var capture = new HandshakeCapture(Capable);

        using var connection = await ConnectAsync(family, "capable");
        await connection.GreetAsync(Deadline);

        Assert.That((await capture.SynAsync(connection.ClientAddress.Port, Deadline)).Claim, Has.Length.EqualTo(SignedClaim.SynLength));
        await Condition.WaitAsync(
            () => Capable.Counter("MPTcpExtMPJoinAckRx") == joins + 1, Patience, "the second access joins", Deadline);
        var after = await IdleAsync();
        var behind = await IdleAsync(Behind);
        Assert.That(after.Claims("claimed") - before.Claims("claimed"), Is.EqualTo(1));
        Assert.That(after.ContextsCreated - before.ContextsCreated, Is.EqualTo(1));
        Assert.That(after.Released("serverCapable") - before.Released("serverCapable"), Is.EqualTo(1));
        Assert.That(behind.ContextsCreated, Is.EqualTo(behindBefore.ContextsCreated));
        Assert.That(behind.Bypassed("claimedByOther") - behindBefore.Bypassed("claimedByOther"), Is.EqualTo(1));
        Assert.That((after.TotalFlows - before.TotalFlows, behind.TotalFlows - behindBefore.TotalFlows), Is.EqualTo((0L, 0L)));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Claimed_connection_to_a_legacy_server_speaks_MPTCP_and_joins(AddressFamily family)
    {
        var behindBefore = await Behind.StatusAsync(Deadline);
        using var connection = await ConnectOverBothAccessesAsync(family);

        var receiving = ByteStream.ReceiveAsync(connection.Server, Deadline);
        var sent = await ByteStream.SendAllAsync(connection.Client, Amount, Deadline);

        Assert.That(await receiving, Is.EqualTo(sent));
        var flow = await FlowAsync(subflows: 2);
        Assert.That((flow.IsMptcp, flow.Claim), Is.EqualTo((true, ((int, int)?)(1, 4))));
        Assert.That(connection.ClientAddressAtServer, Is.EqualTo(connection.ClientAddress));
        var behind = await Behind.StatusAsync(Deadline);
        Assert.That(behind.ContextsCreated, Is.EqualTo(behindBefore.ContextsCreated));
        Assert.That(behind.TotalFlows, Is.EqualTo(behindBefore.TotalFlows));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task The_client_sees_a_signed_claim_in_the_SYN_ACK(AddressFamily family)
    {
        using var capture = new HandshakeCapture(Client);

        using var connection = await ConnectAsync(family);

        var synAck = await capture.SynAckAsync(connection.ClientAddress.Port, Deadline);
        Assert.That(synAck.Claim, Has.Length.EqualTo(SignedClaim.SynAckLength));
        Assert.That(synAck.HasClaimBit, Is.False);
    }
}
