using FsCheck.Fluent;
using Middlebox.Fuzzing.Oracles;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Tests.Claims;
using Middlebox.Negotiation.Tests.Wire;

namespace Middlebox.Negotiation.Tests.Addressed;

/// <summary>Tags of SYNs that name a server, and what is asked of them.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class DestinationTagsTests
{
    private const uint Isn = 0xCAFE_0001;

    private static readonly FlowKey Addressed = new(HostEndpoint.Parse("198.18.1.2:40000"), HostEndpoint.Parse("198.18.3.2:5125"));
    private static readonly DestinationOption Named = new(HostEndpoint.Parse("198.18.11.2:443"), IsTransparent: true);
    private static readonly TagPolicy Required = new(Operator.Keys, AreRequired: true);

    [Test]
    public void Tag_IsWhatTheDocumentSays()
    {
        var expected = PlainTag.OfDestination(
            Operator.OldKey, transparent: 1, "198.18.1.2:40000", "198.18.3.2:5125", Isn, [198, 18, 11, 2, 443 >> 8, 443 & 0xFF], length: 6);
        Assert.That(Signed().Tag, Is.EqualTo(new DestinationTag(Operator.OldKeyId, Convert.ToUInt64(Convert.ToHexString(expected), 16))));
    }

    [Test]
    public void AnySyn_SignedByTheOperator_Passes() => WireGen.Holds(
        from flow in WireGen.Flow
        from server in WireGen.Endpoint
        from isTransparent in WireGen.Bit
        from isn in WireGen.Number
        from isRolled in WireGen.Bit
        select (flow, named: new DestinationOption(server, isTransparent), isn, keys: isRolled ? Operator.RolledKeys : Operator.Keys),
        static sample =>
        {
            var signed = DestinationTags.Sign(sample.named, sample.flow, sample.isn, sample.keys);
            return signed with { Tag = null } == sample.named && Required.Assess(in signed, sample.flow, sample.isn) == Reason.None;
        });

    // The chance that a random tag is right is 2 to the power of -48, or -32: none of these is.
    [Test]
    public void AnyTag_NotMadeWithTheKey_IsWrong() => WireGen.Holds(
        from flow in WireGen.Flow
        from server in WireGen.Endpoint
        from isn in WireGen.Number
        from tag in WireGen.LongNumber
        from key in Gen.Elements(Operator.OldKeyId, Operator.NewKeyId)
        select (flow, named: new DestinationOption(server, IsTransparent: true, new DestinationTag(key, tag >> (server.Address.IsIpv4 ? 16 : 32))), isn),
        static sample => Required.Assess(in sample.named, in sample.flow, sample.isn) == Reason.TagWrong);

    [Test]
    public void Tag_OfAnotherConnection_IsWrong()
    {
        var signed = Signed();
        var changes = new (FlowKey Flow, uint Isn, DestinationOption Named)[]
        {
            (Addressed with { Client = HostEndpoint.Parse("198.18.1.3:40000") }, Isn, signed),
            (Addressed with { Client = HostEndpoint.Parse("198.18.1.2:40001") }, Isn, signed),
            (Addressed with { Server = HostEndpoint.Parse("198.18.3.3:5125") }, Isn, signed),
            (Addressed with { Server = HostEndpoint.Parse("198.18.3.2:5126") }, Isn, signed),
            (Addressed, Isn + 1, signed),
            (Addressed, Isn, signed with { Server = HostEndpoint.Parse("198.18.11.3:443") }),
            (Addressed, Isn, signed with { Server = HostEndpoint.Parse("198.18.11.2:444") }),
            (Addressed, Isn, signed with { IsTransparent = false }),
            (Addressed, Isn, signed with { Tag = signed.Tag!.Value with { KeyId = Operator.NewKeyId } }),
        };
        Assert.That(Required.Assess(in signed, in Addressed, Isn), Is.EqualTo(Reason.None));
        Assert.That(changes.Select(change => Required.Assess(in change.Named, in change.Flow, change.Isn)), Is.All.EqualTo(Reason.TagWrong));
    }

    [Test]
    public void Stranger_WithAKeyOfTheSameId_IsWrong() =>
        Assert.That(Required.Assess(DestinationTags.Sign(in Named, in Addressed, Isn, Operator.Stranger), in Addressed, Isn), Is.EqualTo(Reason.TagWrong));

    [Test]
    public void Key_ThatWasTakenOut_IsUnknown()
    {
        var left = new TagPolicy(Operator.Ring(Operator.NewKeyId, (Operator.NewKeyId, Operator.NewKey)), AreRequired: true);
        Assert.That(left.Assess(Signed(), in Addressed, Isn), Is.EqualTo(Reason.TagKeyUnknown));
    }

    [TestCase(true, Reason.TagMissing)]
    [TestCase(false, Reason.None)]
    public void NoTag_IsRefusedWhereItIsRequired(bool areRequired, Reason expected) =>
        Assert.That(new TagPolicy(Operator.Keys, areRequired).Assess(in Named, in Addressed, Isn), Is.EqualTo(expected));

    [Test]
    public void WrongTag_IsRefused_AlsoWhereNoneIsRequired() =>
        Assert.That(new TagPolicy(Operator.Keys, AreRequired: false).Assess(Signed(), in Addressed, Isn + 1), Is.EqualTo(Reason.TagWrong));

    [Test]
    public void BoxWithoutKeys_LooksAtNoTag() =>
        Assert.That(TagPolicy.None.Assess(Signed(), in Addressed, Isn + 1), Is.EqualTo(Reason.None));

    // The label keeps them apart, should claims be signed with the same key.
    [Test]
    public void Tag_OfAClaim_IsNone()
    {
        var claim = PlainTag.OfSyn(Operator.OldKey, "198.18.1.2:40000", "198.18.3.2:5125", Isn, Operator.FirstProxy, preference: 4, length: 6);
        var tag = new DestinationTag(Operator.OldKeyId, Convert.ToUInt64(Convert.ToHexString(claim), 16));
        Assert.That(Required.Assess(Named with { Tag = tag }, in Addressed, Isn), Is.EqualTo(Reason.TagWrong));
    }

    [Test]
    [NonParallelizable]
    public void SigningAndChecking_AllocateNothing()
    {
        Run(1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(1000);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        static void Run(int times)
        {
            for (var i = 0; i < times; i++)
                Required.Assess(Signed(), in Addressed, Isn);
        }
    }

    private static DestinationOption Signed() => DestinationTags.Sign(in Named, in Addressed, Isn, Operator.Keys);
}
