namespace Middlebox.ProxyEngine.Paths;

/// <summary>What the kernel says of the legs of one connection at one moment, where it matters for their speed.</summary>
/// <param name="IsMptcp">Whether the leg that is to speak MPTCP does now; false after a fallback.</param>
/// <param name="FurtherSubflows">Subflows beside the first.</param>
/// <param name="MaxFurtherSubflows">Most that the path manager allows (ip mptcp limits).</param>
/// <param name="AnnouncedAddresses">Addresses that the client was told of (ADD_ADDR).</param>
/// <param name="ClientCongestionControl">Congestion control towards the client; empty if it has closed.</param>
/// <param name="ServerCongestionControl">Congestion control towards the server.</param>
public sealed record PathSnapshot(
    bool IsMptcp,
    int FurtherSubflows,
    int MaxFurtherSubflows,
    int AnnouncedAddresses,
    string ClientCongestionControl,
    string ServerCongestionControl);
