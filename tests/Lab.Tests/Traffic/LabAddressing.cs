using System.Net;
using System.Net.Sockets;

namespace Middlebox.Lab.Tests.Traffic;

/// <summary>Where the hosts of a lab are, by family.</summary>
public static class LabAddressing
{
    /// <summary>The address of a host; of its first device unless one is named.</summary>
    public static IPAddress AddressOf(this Laboratory lab, string host, AddressFamily family, string? device = null) =>
        lab.Topology.EndsOf(host).First(end => device is null || end.Device == device)
            .Addresses.First(address => address.Address.AddressFamily == family).Address;

    /// <summary>A port of a host; of its first device unless one is named.</summary>
    public static IPEndPoint EndpointOf(
        this Laboratory lab, string host, AddressFamily family, int port, string? device = null) =>
        new(lab.AddressOf(host, family, device), port);

    /// <summary>The beginning of the URLs of a host's web server.</summary>
    public static string UrlOf(this Laboratory lab, string host, AddressFamily family) =>
        $"http://{lab.EndpointOf(host, family, 80)}";
}
