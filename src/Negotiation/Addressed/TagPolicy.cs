using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Keys;

namespace Middlebox.Negotiation.Addressed;

/// <summary>What is asked of the tags of SYNs that name a server. Immutable.</summary>
/// <param name="Keys">By which they are checked; null if they are not: then a SYN with a tag is like one without.</param>
/// <param name="AreRequired">Whether a SYN without a tag is refused.</param>
public sealed record TagPolicy(SharedKeys? Keys, bool AreRequired)
{
    /// <summary>Nothing is asked.</summary>
    public static TagPolicy None { get; } = new(Keys: null, AreRequired: false);

    /// <param name="destination">What the SYN names, with its tag.</param>
    /// <param name="addressed">The client, and the address and port of the box that it has sent the SYN to.</param>
    /// <param name="isn">The SYN's initial sequence number.</param>
    /// <returns><see cref="Reason.None"/> if there is nothing against it.</returns>
    public Reason Assess(in DestinationOption destination, in FlowKey addressed, uint isn)
    {
        if (destination.Tag is not { } tag)
            return AreRequired ? Reason.TagMissing : Reason.None;
        if (Keys is null)
            return AreRequired ? Reason.TagKeyUnknown : Reason.None;
        if (!Keys.TryFind(tag.KeyId, out var key))
            return Reason.TagKeyUnknown;
        return DestinationTags.IsRight(in destination, tag, in addressed, isn, key) ? Reason.None : Reason.TagWrong;
    }
}
