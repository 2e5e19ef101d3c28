namespace Middlebox.Negotiation.Wire;

/// <summary>
/// Why a subflow was reset (RFC 8684 sections 3.6 and 8.3). Other values count as <see cref="Unspecified"/>.
/// </summary>
public enum MpResetReason : byte
{
    Unspecified = 0,
    MptcpSpecific = 1,
    LackOfResources = 2,
    AdministrativelyProhibited = 3,
    TooMuchOutstandingData = 4,
    UnacceptablePerformance = 5,
    MiddleboxInterference = 6,
}
