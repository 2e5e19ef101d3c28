namespace Middlebox.Negotiation.Addressed;

/// <summary>Why a SYN that names a server was not relayed; the host's kernel hears of a closed port. <see cref="AddressedRefusalText"/> has a sentence for each.</summary>
public enum AddressedRefusal : byte
{
    /// <summary>It is relayed.</summary>
    None,
    ClientNotAllowed,
    ServerNotAllowed,
    InvalidDestination,
    OwnAddress,
    Hairpin,
    OtherFamily,
    Authenticated,
    NotTracked,
}
