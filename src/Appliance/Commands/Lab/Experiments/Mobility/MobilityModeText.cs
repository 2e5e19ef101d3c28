namespace Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

/// <summary>How the modes are called in tables and pictures.</summary>
internal static class MobilityModeText
{
    public static string Of(MobilityMode mode) => mode switch
    {
        MobilityMode.TcpWifi => "TCP Wi-Fi",
        MobilityMode.TcpCellular => "TCP cellular",
        MobilityMode.Full => "MPTCP full",
        MobilityMode.Backup => "MPTCP backup",
        MobilityMode.Addressed => "MPTCP addressed",
        _ => "MPTCP single",
    };
}
