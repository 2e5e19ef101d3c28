using System.Globalization;
using Middlebox.ProxyEngine.Converter;

namespace Middlebox.Appliance.Host;

/// <summary>Lets sockets of this host take the data of SYNs (TCP Fast Open, RFC 7413): of what that is, the converter wants no more.</summary>
internal static class FastOpenParameter
{
    // net.ipv4.tcp_fastopen
    private const int ServerEnabled = 2;

    /// <summary>The value with which the converter can work; null if it wants none.</summary>
    public static string? For(ConverterOptions converter)
    {
        if (converter is not { FastOpen: true, Listen.Count: > 0 })
            return null;
        var before = int.Parse(Sysctl.Read(Sysctl.TcpFastOpen) ?? "0", CultureInfo.InvariantCulture);
        return (before | ServerEnabled).ToString(CultureInfo.InvariantCulture);
    }
}
