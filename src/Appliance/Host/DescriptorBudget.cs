using Middlebox.Appliance.Options;

namespace Middlebox.Appliance.Host;

/// <summary>
/// How many connections the open files of this process suffice for. A box that runs out of them would have to reset clients
/// that it has answered already; one that knows its limit lets new connections pass.
/// </summary>
public static class DescriptorBudget
{
    private const int SocketsOfAFlow = 2;

    /// <summary>What the process needs for itself: some 150 when it is idle, and the clients of its control socket, metrics and dashboard.</summary>
    private const int Own = 200;

    /// <summary>Open files needed at most; handshakes under way are still completed when the limit of flows is reached.</summary>
    public static long Needed(MiddleboxOptions options) => Reserved(options) + ((long)SocketsOfAFlow * options.ProxyEngine.MaxFlows);

    /// <summary>The most connections that may be relayed at a time, no more than are configured.</summary>
    /// <param name="openFiles">Descriptors that the process may have.</param>
    /// <param name="options">What is configured.</param>
    /// <exception cref="HostSetupException">They do not suffice for a single one.</exception>
    public static int MaxFlows(long openFiles, MiddleboxOptions options)
    {
        var flows = (openFiles - Reserved(options)) / SocketsOfAFlow;
        return flows >= 1
            ? (int)Math.Min(flows, options.ProxyEngine.MaxFlows)
            : throw new HostSetupException(
                $"this process may have {openFiles} open files, and needs {Reserved(options) + SocketsOfAFlow} for a single connection");
    }

    /// <summary>Connections at most on which the box acts and whose clients have not completed their handshakes: those on its path, and those to its own addresses.</summary>
    public static int MaxHalfOpen(MiddleboxOptions options) => options.Negotiation.MaxHalfOpen * (options.Addressed.Listen.Count > 0 ? 2 : 1);

    private static long Reserved(MiddleboxOptions options) =>
        Own + options.ProxyEngine.MaxListeners + options.Addressed.Listen.Count + ((long)SocketsOfAFlow * MaxHalfOpen(options))
        + (options.Converter.Listen.Count == 0 ? 0 : options.Converter.Listen.Count + ((long)SocketsOfAFlow * options.Converter.MaxPending))
        + (options.HostProxy.UsesConverter ? SocketsOfAFlow + options.HostProxy.MaxPending : 0);
}
