using System.Globalization;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Servers;

namespace Middlebox.Appliance.Servers;

/// <summary>
/// A known server as a line of text: <c>198.18.11.2:80 capable 1767225600</c>, the last being when that was learnt, in seconds since 1970.
/// </summary>
internal static class KnownServerText
{
    /// <summary>The first line of a file, with the version of its form.</summary>
    public const string Header = "middlebox known servers 1";

    private const string Capable = "capable";
    private const string Legacy = "legacy";
    private const string DropsMpCapable = "drops-mp-capable";

    public static string Write(KnownServer server, DateTimeOffset now) => string.Create(
        CultureInfo.InvariantCulture,
        $"{server.Server} {Word(server.Capability)} {(now - server.Age).ToUnixTimeSeconds()}");

    /// <summary>Reads a line that anybody may have written.</summary>
    public static bool TryRead(
        string line, out HostEndpoint server, out ServerCapability capability, out DateTimeOffset learnt)
    {
        (server, capability, learnt) = (default, default, default);
        if (line.Split(' ') is not [var endpoint, var word, var seconds]
            || !HostEndpoint.TryParse(endpoint, out server)
            || !long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            || time > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            return false;
        capability = word switch
        {
            Capable => ServerCapability.Capable,
            Legacy => ServerCapability.Legacy,
            DropsMpCapable => ServerCapability.DropsMpCapable,
            _ => ServerCapability.Unknown,
        };
        learnt = DateTimeOffset.FromUnixTimeSeconds(time);
        return capability != ServerCapability.Unknown;
    }

    private static string Word(ServerCapability capability) => capability switch
    {
        ServerCapability.Capable => Capable,
        ServerCapability.Legacy => Legacy,
        _ => DropsMpCapable,
    };
}
