namespace Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

/// <summary>How the moving client uses its two accesses.</summary>
internal enum MobilityMode
{
    /// <summary>Plain TCP over Wi-Fi.</summary>
    TcpWifi,

    /// <summary>Plain TCP over cellular.</summary>
    TcpCellular,

    /// <summary>MPTCP through the box, both accesses at once.</summary>
    Full,

    /// <summary>MPTCP through the box, cellular as a backup (RFC 8684, section 3.3.8).</summary>
    Backup,

    /// <summary>MPTCP through the box, one access at a time: cellular is joined when Wi-Fi is lost.</summary>
    SinglePath,

    /// <summary>MPTCP to the box, which the client addresses and tells the server (RFC 8803), both accesses at once.</summary>
    Addressed,
}
